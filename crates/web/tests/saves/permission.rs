//! What others get of a public save, and what is noted of it.

use memcard_domain::ids::SaveId;

use crate::support::{Request, Story, content_uri};

#[actix_web::test]
async fn a_public_save_is_fetched_by_others_and_shows_nothing_of_their_devices() {
    let story = Story::begin().await;
    let save = story.upload_from(story.handheld, b"shared").await.ok();
    let id = SaveId(save["id"].as_i64().unwrap() as i32);
    story.world.keep(|tx| tx.saves().set_public(id, true));
    let stranger = story.world.a_player("stranger");
    let their_device = story.world.a_device(&stranger.user, "theirs");
    let uri = format!("{}?device_id={their_device}", content_uri(&save));
    assert_eq!(story.app.send(Request::get(&uri).bearer(&stranger.token)).await.body, "shared");
    let bases = story.world.keep(|tx| tx.bases().of_device(their_device));
    assert_eq!(bases, []);
}
