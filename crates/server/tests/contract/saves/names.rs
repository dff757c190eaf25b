//! File names: how they arrive, what is left of them, and the tag that a slot adds.

use memcard_testkit::Multipart;
use serde_json::json;

use crate::support::{Home, Story, on_every_database};

on_every_database! {
    file_names_are_read_in_every_encoding_in_use,
    a_name_is_shown_whole_and_in_parts,
    a_slot_s_tag_stands_before_the_extension_and_replaces_an_older_one,
    texts_may_be_as_long_as_their_limits_and_no_longer,
}

async fn file_names_are_read_in_every_encoding_in_use(home: &Home) {
    let story = Story::begin(home).await;
    for (parameters, stem) in [
        (r#"filename="Pokémon – ポケモン.srm""#, "Pokémon – ポケモン"),
        (r#"filename="a \"b\".srm""#, r#"a "b""#),
        (r#"filename="a %22b%22.srm""#, r#"a "b""#),
        ("filename*=UTF-8''Pok%C3%A9mon.srm", "Pokémon"),
        (r#"filename="x.srm"; filename*=utf-8''%E3%83%9D.srm"#, "ポ"),
        (r#"filename="../../etc/passwd.srm""#, "passwd"),
        (r#"filename="C:\saves\game.srm""#, "game"),
        ("filename=token.srm", "token"),
    ] {
        let body = Multipart::default().part(&format!(r#"name="saveFile"; {parameters}"#), b"x");
        let save = story.upload("", body).await.ok();
        assert_eq!(save["file_name"], format!("{stem}.srm"), "{parameters}");
    }
}

async fn a_name_is_shown_whole_and_in_parts(home: &Home) {
    let story = Story::begin(home).await;
    for (name, no_tags, no_ext, extension) in [
        ("Game.srm", "Game", "Game", "srm"),
        ("Game (USA) (Rev 1) [!].srm", "Game", "Game (USA) (Rev 1) [!]", "srm"),
        ("Game (USA) II.srm", "Game (USA) II", "Game (USA) II", "srm"),
        ("Game.state.auto", "Game.state", "Game.state", "auto"),
        ("no extension", "no extension", "no extension", ""),
        ("(only tags).srm", "(only tags)", "(only tags)", "srm"),
    ] {
        let save = story.upload("", Multipart::save(name, b"x")).await.ok();
        assert_eq!(
            [
                &save["file_name"],
                &save["file_name_no_tags"],
                &save["file_name_no_ext"],
                &save["file_extension"]
            ],
            [&json!(name), &json!(no_tags), &json!(no_ext), &json!(extension)],
            "{name}"
        );
    }
}

async fn a_slot_s_tag_stands_before_the_extension_and_replaces_an_older_one(home: &Home) {
    let story = Story::begin(home).await;
    for (name, before, after) in [
        ("Game (USA).srm", "Game (USA) [", "].srm"),
        ("Game (USA) [2020-01-31_23-59-59].srm", "Game (USA) [", "].srm"),
        ("Game [2020].srm", "Game [2020] [", "].srm"),
        ("no extension", "no extension [", "]"),
    ] {
        let save = story.upload("slot=a", Multipart::save(name, name.as_bytes())).await.ok();
        let stored = save["file_name"].as_str().unwrap();
        let tag = stored.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
        let made = save["created_at"].as_str().unwrap()[..19].replace('T', "_").replace(':', "-");
        assert_eq!(tag, Some(made.as_str()), "{name}: {stored}");
    }
}

async fn texts_may_be_as_long_as_their_limits_and_no_longer(home: &Home) {
    let story = Story::begin(home).await;
    for (parameter, most) in [("slot", 255), ("emulator", 50)] {
        let query = |length: usize| format!("{parameter}={}", "%C3%A9".repeat(length));
        let save = story.upload(&query(most), Multipart::save("a.srm", b"x")).await.ok();
        assert_eq!(save[parameter], "é".repeat(most));
        let longer = story.upload(&query(most + 1), Multipart::save("a.srm", b"x")).await;
        longer.is_invalid_at(&json!(["query", parameter]));
    }
}
