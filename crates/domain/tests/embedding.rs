//! The embedding example, as a test: its own checks, and what it tells.

#[path = "../examples/embed.rs"]
#[allow(dead_code, unreachable_pub, reason = "the program's `main` is not run here")]
mod embed;

#[test]
fn another_program_embeds_the_rules_without_a_runtime() {
    let mut told = Vec::new();
    embed::story(&mut told).unwrap();
    let told = String::from_utf8(told).unwrap();
    assert_eq!(told.lines().count(), 5, "{told}");
    assert!(told.contains("is told to download it, and has \"chapter 1\""), "{told}");
    assert!(told.contains("the fork still has \"chapter 2, by the tower\""), "{told}");
}
