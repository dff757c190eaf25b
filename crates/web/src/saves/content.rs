//! `GET` and `HEAD /api/saves/{id}/content`: the exact bytes, streamed, whole or in part.
//!
//! That a version was served to a device is noted before its body; that it holds it only once the whole body was taken
//! by the connection. A part, a body the client has already and an answer without body show nothing (promise P5).

use actix_web::{HttpRequest, HttpResponse};
use memcard_api::errors::{ErrorBody, InvalidBody};
use memcard_api::saves as wire;
use memcard_domain::account::Scope;
use memcard_domain::event::{self, Happened};
use memcard_domain::ids::{DeviceId, SaveId, SessionId, UserId, VersionId};
use memcard_domain::ports::{Ports, Transaction, UnitOfWorkExt as _};
use memcard_domain::save::{self, DownloadMode, FileName};

use crate::caller::Authenticated;
use crate::error::ApiError;
use crate::files::{self, StoredFile};
use crate::input::{PathId, QueryParams};
use crate::named_device::named_device_with;
use crate::state::State;

type Asked = Authenticated<(PathId<SaveId>, QueryParams<wire::ContentParams>)>;

/// The bytes of a save, one's own or another's that is public. Needs assets.read, and devices.read where a device is
/// named.
#[utoipa::path(
    get,
    path = "/api/saves/{id}/content",
    tag = "saves",
    params(("id" = i32, Path), wire::ContentParams),
    responses(
        (status = 200, description = "The whole save", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 206, description = "The part asked for", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 304, description = "The client has it already"),
        (status = 404, description = "Unknown save or device", body = ErrorBody),
        (status = 416, description = "The save has no such part", body = ErrorBody),
        (status = 422, body = InvalidBody),
    )
)]
pub(super) async fn download(
    request: HttpRequest,
    state: State,
    Authenticated { caller, input: (PathId(id), QueryParams(params)) }: Asked,
) -> Result<HttpResponse, ApiError> {
    caller.require(Scope::AssetsRead)?;
    let device = named_device_with(&caller, Scope::DevicesRead, params.device_id.as_deref())?;
    let user = caller.user.id;
    let serve = move |tx: &mut dyn Transaction| save::serve(tx, user, id, device);
    let save = match device {
        // A device's download is noted, and that waits for its turn among the writers.
        Some(_) => state.ports.store.transact(serve).await?,
        None => state.ports.store.read(serve).await?,
    };

    let delivery = device.map(|device| Delivery {
        ports: state.ports.clone(),
        user,
        device,
        version: save.version.id,
        file_name: save.file_name.clone(),
        session: params.session_id.map(SessionId),
        mode: match params.optimistic {
            Some(false) => DownloadMode::AwaitingConfirmation,
            _ => DownloadMode::Optimistic,
        },
    });
    let once_sent = delivery.map(|delivery| Box::pin(delivery.note()) as _);
    files::send(&request, &*state.ports.blobs, &StoredFile::from(&save), once_sent).await
}

/// As `GET`, without the bytes and without any note of it.
#[utoipa::path(
    head,
    path = "/api/saves/{id}/content",
    tag = "saves",
    params(("id" = i32, Path), wire::ContentParams),
    responses(
        (status = 200, description = "What `GET` would say of the whole save"),
        (status = 404, description = "Unknown save"),
    )
)]
pub(super) async fn measure(
    state: State,
    Authenticated { caller, input: (PathId(id), QueryParams(params)) }: Asked,
) -> Result<HttpResponse, ApiError> {
    caller.require(Scope::AssetsRead)?;
    named_device_with(&caller, Scope::DevicesRead, params.device_id.as_deref())?;
    let user = caller.user.id;
    let save = state.ports.store.read(move |tx| save::serve(tx, user, id, None)).await?;
    Ok(files::describe(&StoredFile::from(&save)))
}

/// To whom a whole body goes.
struct Delivery {
    ports: Ports,
    user: UserId,
    device: DeviceId,
    version: VersionId,
    file_name: FileName,
    session: Option<SessionId>,
    mode: DownloadMode,
}

impl Delivery {
    async fn note(self) {
        let Self { ports, user, device, version, file_name, session, mode } = self;
        let now = ports.clock.now();
        let note = move |tx: &mut dyn Transaction, happened: &mut Happened| {
            save::delivered(tx, now, user, device, version, session, mode)?;
            happened.went_on(tx, user, Some(device), session, &file_name)
        };
        if let Err(error) = event::transact(&ports, note).await {
            tracing::warn!(%error, "a delivery could not be noted");
        }
    }
}
