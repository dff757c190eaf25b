//! What `POST /api/saves/delete` does to head and history.

use memcard_testkit::Multipart;
use serde_json::json;

use super::{ids, not_found, save_uri, states};
use crate::support::{Home, Story, on_every_database};

on_every_database! {
    a_device_goes_on_from_the_head_that_remains,
    the_head_after_an_edit_and_a_deletion_is_the_newest_that_is_listed,
    a_deleted_save_cannot_be_changed_and_stays_in_the_history,
    a_companion_does_not_go_with_its_main_save,
}

async fn a_device_goes_on_from_the_head_that_remains(home: &Home) {
    let story = Story::begin(home).await;
    let older = story.upload_from(&story.handheld, b"1").await.ok();
    let middle = story.upload_from(&story.handheld, b"2").await.ok();
    let head = story.upload_from(&story.handheld, b"3").await.ok();
    story.delete_saves(&[&older["id"]]).await.ok();
    assert_eq!(story.plan(&story.desk).await, [(json!("download"), head["id"].clone())]);
    story.delete_saves(&[&head["id"]]).await.ok();
    assert_eq!(ids(&story.list().await), [&middle["id"]]);
    assert_eq!(story.plan(&story.desk).await, [(json!("download"), middle["id"].clone())]);
    assert_eq!(story.states().await, states(&[("3", "deleted"), ("2", "head"), ("1", "deleted")]));
    story.confirm(&middle, &story.desk).await;
    story.upload_from(&story.desk, b"4").await.ok();
}

async fn the_head_after_an_edit_and_a_deletion_is_the_newest_that_is_listed(home: &Home) {
    let story = Story::begin(home).await;
    let one = story.upload_from(&story.handheld, b"1").await.ok();
    let two = story.upload_from(&story.handheld, b"2").await.ok();
    let three = story.upload_from(&story.handheld, b"3").await.ok();
    story.edit(&one, Some(&story.handheld), b"4").await.ok();
    story.delete_saves(&[&three["id"]]).await.ok();
    assert_eq!(story.list().await[0]["id"], one["id"], "the head was not touched");
    story.delete_saves(&[&one["id"]]).await.ok();
    assert_eq!(ids(&story.list().await), [&two["id"]]);
    assert_eq!(
        story.states().await,
        states(&[("4", "deleted"), ("3", "deleted"), ("2", "head"), ("1", "replaced")])
    );
}

async fn a_deleted_save_cannot_be_changed_and_stays_in_the_history(home: &Home) {
    let story = Story::begin(home).await;
    let body = Multipart::save("game.srm", b"1").screenshot("shot.png", b"a picture");
    let save = story.upload("slot=autosave", body).await.ok();
    story.delete_saves(&[&save["id"]]).await.ok();
    let gone = not_found(&save);
    story.edit(&save, None, b"2").await.is_refused(404, &gone);
    let share = story.put(&format!("{}/visibility", save_uri(&save)));
    share.json(&json!({"is_public": true})).await.is_refused(404, &gone);
    assert_eq!(story.states().await, states(&[("1", "deleted")]));
    let version = story.version_of(&save).await;
    assert_eq!(version["file_name"], save["file_name"]);
    assert_eq!(version["screenshot"], save["screenshot"], "its picture is kept with it");
}

async fn a_companion_does_not_go_with_its_main_save(home: &Home) {
    let story = Story::begin(home).await;
    let main = story.upload_by_hand(b"1").await;
    let clock = story.upload("slot=autosave", Multipart::save("game.rtc", b"1")).await.ok();
    story.delete_saves(&[&main["id"]]).await.ok();
    assert_eq!(ids(&story.list().await), [&clock["id"]]);
    assert_eq!(story.plan(&story.desk).await, [(json!("download"), clock["id"].clone())]);
}
