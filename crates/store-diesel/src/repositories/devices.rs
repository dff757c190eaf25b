//! Devices.

use diesel::prelude::*;
use memcard_domain::device::{
    BrowserKey, Device, DeviceDetails, Fingerprint, MacAddress, SyncConfig, SyncMode,
};
use memcard_domain::ids::{DeviceId, UserId};
use memcard_domain::ports::DeviceRepository;
use memcard_domain::time::Timestamp;

use crate::connection::on_backend;
use crate::error::{Stored, known, unsigned};
use crate::schema::{device_reservations, devices};
use crate::transaction::DieselTransaction;
use crate::types::{DbInstant, DbJson, DbUuid};

#[derive(Queryable, Selectable)]
#[diesel(table_name = devices)]
struct DeviceRow {
    id: DbUuid,
    user_id: i32,
    name: Option<String>,
    platform: Option<String>,
    client: Option<String>,
    client_version: Option<String>,
    ip_address: Option<String>,
    mac_address: Option<String>,
    hostname: Option<String>,
    sync_mode: String,
    sync_config: Option<DbJson>,
    client_device_identifier: Option<String>,
    sync_enabled: bool,
    hash_contradictions: i64,
    last_seen_at: DbInstant,
    created_at: DbInstant,
    updated_at: DbInstant,
    browser_key: Option<String>,
}

/// Every column but id, user and creation.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = devices, treat_none_as_null = true, treat_none_as_default_value = false)]
struct DeviceColumns<'a> {
    name: Option<&'a str>,
    platform: Option<&'a str>,
    client: Option<&'a str>,
    client_version: Option<&'a str>,
    ip_address: Option<&'a str>,
    mac_address: Option<&'a str>,
    mac_normal: Option<String>,
    hostname: Option<&'a str>,
    sync_mode: &'static str,
    sync_config: Option<DbJson>,
    client_device_identifier: Option<&'a str>,
    sync_enabled: bool,
    hash_contradictions: i64,
    last_seen_at: DbInstant,
    updated_at: DbInstant,
    browser_key: Option<&'a str>,
}

impl DeviceRow {
    fn into_device(self) -> Stored<Device> {
        let details = DeviceDetails {
            name: self.name,
            platform: self.platform,
            client: self.client,
            client_version: self.client_version,
            ip_address: self.ip_address,
            mac_address: self.mac_address.as_deref().and_then(MacAddress::new),
            hostname: self.hostname,
            sync_mode: known("devices.sync_mode", &self.sync_mode, SyncMode::from_name(&self.sync_mode))?,
            sync_config: self.sync_config.map(|config| SyncConfig::from_store(config.0)),
        };
        Ok(Device {
            id: DeviceId(self.id.0),
            user: UserId(self.user_id),
            details,
            client_device_identifier: self.client_device_identifier,
            browser: self.browser_key.map(BrowserKey::from_store),
            sync_enabled: self.sync_enabled,
            hash_contradictions: unsigned("devices.hash_contradictions", self.hash_contradictions)?,
            last_seen: self.last_seen_at.0,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        })
    }
}

impl<'a> DeviceColumns<'a> {
    fn of(device: &'a Device) -> Self {
        let details = &device.details;
        Self {
            name: details.name.as_deref(),
            platform: details.platform.as_deref(),
            client: details.client.as_deref(),
            client_version: details.client_version.as_deref(),
            ip_address: details.ip_address.as_deref(),
            mac_address: details.mac_address.as_ref().map(MacAddress::as_str),
            mac_normal: details.mac_address.as_ref().map(MacAddress::normal_form),
            hostname: details.hostname.as_deref(),
            sync_mode: details.sync_mode.name(),
            sync_config: details.sync_config.as_ref().map(|config| DbJson(config.members().clone())),
            client_device_identifier: device.client_device_identifier.as_deref(),
            sync_enabled: device.sync_enabled,
            hash_contradictions: device.hash_contradictions.into(),
            last_seen_at: DbInstant(device.last_seen),
            updated_at: DbInstant(device.updated_at),
            browser_key: device.browser.as_ref().map(BrowserKey::as_str),
        }
    }
}

impl DeviceRepository for DieselTransaction<'_> {
    fn insert(&mut self, device: &Device) -> Stored<()> {
        on_backend!(self.session, |c| {
            diesel::insert_into(devices::table)
                .values((
                    devices::id.eq(DbUuid(device.id.0)),
                    devices::user_id.eq(device.user.0),
                    DeviceColumns::of(device),
                    devices::created_at.eq(DbInstant(device.created_at)),
                ))
                .execute(c)
        })?;
        Ok(())
    }

    fn find(&mut self, user: UserId, id: DeviceId) -> Stored<Option<Device>> {
        let row: Option<DeviceRow> = on_backend!(self.session, |c| {
            devices::table
                .find(DbUuid(id.0))
                .filter(devices::user_id.eq(user.0))
                .select(DeviceRow::as_select())
                .first(c)
                .optional()
        })?;
        row.map(DeviceRow::into_device).transpose()
    }

    fn lock(&mut self, user: UserId, id: DeviceId) -> Stored<Option<Device>> {
        let Some(connection) = self.session.postgres() else {
            // A writer on SQLite has every lock already.
            return DeviceRepository::find(self, user, id);
        };
        let row = devices::table
            .find(DbUuid(id.0))
            .filter(devices::user_id.eq(user.0))
            .select(DeviceRow::as_select())
            .for_no_key_update()
            .first(connection)
            .optional();
        self.session.noted(row)?.map(DeviceRow::into_device).transpose()
    }

    fn list(&mut self, user: UserId) -> Stored<Vec<Device>> {
        let rows: Vec<DeviceRow> = on_backend!(self.session, |c| {
            devices::table
                .filter(devices::user_id.eq(user.0))
                .order((devices::last_seen_at.desc(), devices::id))
                .select(DeviceRow::as_select())
                .load(c)
        })?;
        rows.into_iter().map(DeviceRow::into_device).collect()
    }

    fn candidates(&mut self, user: UserId, fingerprint: &Fingerprint) -> Stored<Vec<Device>> {
        // What the fingerprint does not have equals nothing: `= NULL` holds for no row.
        let mac = fingerprint.mac.as_ref().map(MacAddress::normal_form);
        let (host, host_platform) = parts(fingerprint.host.as_ref());
        let (address, address_platform) = parts(fingerprint.address.as_ref());
        let by_host = devices::hostname.eq(host).and(is_same!(devices::platform, host_platform));
        let by_address = devices::ip_address.eq(address).and(is_same!(devices::platform, address_platform));
        let matches = devices::mac_normal.eq(mac).or(by_host).or(by_address);
        let rows: Vec<DeviceRow> = on_backend!(self.session, |c| {
            devices::table
                .filter(devices::user_id.eq(user.0).and(matches))
                .order((devices::last_seen_at.desc(), devices::id))
                .select(DeviceRow::as_select())
                .load(c)
        })?;
        rows.into_iter().map(DeviceRow::into_device).collect()
    }

    fn find_by_identifier(&mut self, user: UserId, identifier: &str) -> Stored<Option<Device>> {
        let row: Option<DeviceRow> = on_backend!(self.session, |c| {
            devices::table
                .filter(devices::user_id.eq(user.0).and(devices::client_device_identifier.eq(identifier)))
                .select(DeviceRow::as_select())
                .first(c)
                .optional()
        })?;
        row.map(DeviceRow::into_device).transpose()
    }

    fn find_by_browser(&mut self, user: UserId, browser: &BrowserKey) -> Stored<Option<Device>> {
        let row: Option<DeviceRow> = on_backend!(self.session, |c| {
            devices::table
                .filter(devices::user_id.eq(user.0).and(devices::browser_key.eq(browser.as_str())))
                .select(DeviceRow::as_select())
                .first(c)
                .optional()
        })?;
        row.map(DeviceRow::into_device).transpose()
    }

    fn reserve_id(&mut self, user: UserId, identifier: &str, candidate: DeviceId) -> Stored<DeviceId> {
        on_backend!(self.session, |c| {
            diesel::insert_into(device_reservations::table)
                .values((
                    device_reservations::user_id.eq(user.0),
                    device_reservations::client_device_identifier.eq(identifier),
                    device_reservations::device_id.eq(DbUuid(candidate.0)),
                ))
                .on_conflict_do_nothing()
                .execute(c)
        })?;
        let reserved: DbUuid = on_backend!(self.session, |c| {
            device_reservations::table
                .find((user.0, identifier))
                .select(device_reservations::device_id)
                .first(c)
        })?;
        Ok(DeviceId(reserved.0))
    }

    fn update(&mut self, device: &Device) -> Stored<bool> {
        let updated = on_backend!(self.session, |c| {
            diesel::update(devices::table.find(DbUuid(device.id.0))).set(DeviceColumns::of(device)).execute(c)
        })?;
        Ok(updated == 1)
    }

    fn touch(&mut self, id: DeviceId, seen_at: Timestamp) -> Stored<()> {
        on_backend!(self.session, |c| {
            diesel::update(devices::table.find(DbUuid(id.0)))
                .set(devices::last_seen_at.eq(DbInstant(seen_at)))
                .execute(c)
        })?;
        Ok(())
    }

    fn delete(&mut self, id: DeviceId) -> Stored<bool> {
        let id = DbUuid(id.0);
        on_backend!(self.session, |c| {
            diesel::delete(device_reservations::table.filter(device_reservations::device_id.eq(id)))
                .execute(c)
        })?;
        let deleted = on_backend!(self.session, |c| diesel::delete(devices::table.find(id)).execute(c))?;
        Ok(deleted == 1)
    }
}

fn parts(named: Option<&(String, Option<String>)>) -> (Option<&str>, Option<&str>) {
    named.map_or((None, None), |(name, platform)| (Some(name.as_str()), platform.as_deref()))
}
