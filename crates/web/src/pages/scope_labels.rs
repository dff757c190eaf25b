//! What scopes mean, for people.

use memcard_domain::account::Scope;

/// What a device may do with the scope.
pub(super) const fn label(scope: Scope) -> &'static str {
    match scope {
        Scope::MeRead => "See your account",
        Scope::MeWrite => "Change your account",
        Scope::RomsRead => "See the games",
        Scope::RomsWrite => "Change the games",
        Scope::RomsUserRead => "See what you played",
        Scope::RomsUserWrite => "Record what you play",
        Scope::PlatformsRead => "See the platforms",
        Scope::PlatformsWrite => "Change the platforms",
        Scope::AssetsRead => "Download your saves",
        Scope::AssetsWrite => "Upload and delete your saves",
        Scope::DevicesRead => "See your devices",
        Scope::DevicesWrite => "Register and change your devices, and sync",
        Scope::FirmwareRead => "See firmware",
        Scope::FirmwareWrite => "Change firmware",
        Scope::CollectionsRead => "See collections",
        Scope::CollectionsWrite => "Change collections",
        Scope::PlaylistsRead => "See playlists",
        Scope::PlaylistsWrite => "Change playlists",
        Scope::UsersRead => "See all accounts",
        Scope::UsersWrite => "Change all accounts",
        Scope::TasksRun => "Run the server's tasks",
        Scope::LogsRead => "Read the server's logs",
    }
}
