//! The assets of the issuer.

use serde::Serialize;

use crate::caller::ISSUER;
use crate::hex;
use crate::issuance::Issuance;

const SEEDED: [(&str, &str, &str); 3] = [
    ("Harbour Bond 2031", "HBOND", "harbour.example"),
    ("Orchard Note", "ORCH", "orchard.example"),
    ("Tin Loyalty Point", "TIN", "tin.example"),
];

/// The assets of the issuer, in order of issue.
pub(crate) struct Assets {
    assets: Vec<Asset>,
    issued: usize,
}

/// One asset, as the service shows it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Asset {
    name: String,
    asset_uuid: String,
    issuer: i64,
    asset_id: String,
    reissuance_token_id: Option<String>,
    requirements: Vec<i64>,
    ticker: Option<String>,
    precision: u8,
    domain: Option<String>,
    pubkey: Option<String>,
    is_registered: bool,
    is_authorized: bool,
    is_locked: bool,
    issuer_authorization_endpoint: Option<String>,
    transfer_restricted: bool,
}

/// What an accepted issue answers.
#[derive(Debug, Serialize)]
pub(crate) struct Issued {
    #[serde(flatten)]
    request: Issuance,
    asset_id: String,
    reissuance_token_id: Option<String>,
    asset_uuid: String,
    txid: String,
    vin: i64,
    asset_vout: i64,
    reissuance_vout: Option<i64>,
    issuer_authorization_endpoint: Option<String>,
    issuance_assetblinder: String,
    issuance_tokenblinder: Option<String>,
}

impl Assets {
    /// A few assets to look at, the same ones for the same seed.
    pub(crate) fn seeded(rng: &mut fastrand::Rng) -> Self {
        let assets = SEEDED
            .iter()
            .map(|(name, ticker, domain)| Asset::seeded(name, ticker, domain, rng))
            .collect();
        Self { assets, issued: 0 }
    }

    pub(crate) fn all(&self) -> &[Asset] {
        &self.assets
    }

    pub(crate) fn find(&self, uuid: &str) -> Option<&Asset> {
        self.assets.iter().find(|asset| asset.asset_uuid == uuid)
    }

    pub(crate) fn find_mut(&mut self, uuid: &str) -> Option<&mut Asset> {
        self.assets
            .iter_mut()
            .find(|asset| asset.asset_uuid == uuid)
    }

    pub(crate) fn set_locked(&mut self, uuid: &str, locked: bool) -> Option<&Asset> {
        let asset = self.find_mut(uuid)?;
        asset.is_locked = locked;
        Some(asset)
    }

    /// Adds an asset every time, as the chain would: a request sent twice issues twice.
    pub(crate) fn issue(&mut self, request: Issuance, rng: &mut fastrand::Rng) -> Issued {
        let asset = Asset::issued(&request, rng);
        let issued = Issued::new(request, &asset, rng);
        self.assets.push(asset);
        self.issued += 1;
        issued
    }

    /// How many issues were accepted.
    pub(crate) fn issued(&self) -> usize {
        self.issued
    }
}

impl Asset {
    fn seeded(name: &str, ticker: &str, domain: &str, rng: &mut fastrand::Rng) -> Self {
        Self {
            name: name.to_owned(),
            asset_uuid: hex::uuid(rng),
            issuer: ISSUER,
            asset_id: hex::random(rng, 64),
            reissuance_token_id: None,
            requirements: Vec::new(),
            ticker: Some(ticker.to_owned()),
            precision: 0,
            domain: Some(domain.to_owned()),
            pubkey: Some(format!("02{}", hex::random(rng, 64))),
            is_registered: true,
            is_authorized: true,
            is_locked: false,
            issuer_authorization_endpoint: None,
            transfer_restricted: true,
        }
    }

    pub(crate) fn uuid(&self) -> &str {
        &self.asset_uuid
    }

    /// Whether its owners have to be in this category.
    pub(crate) fn requires(&self, category: i64) -> bool {
        self.requirements.contains(&category)
    }

    pub(crate) fn require(&mut self, category: i64) {
        if !self.requires(category) {
            self.requirements.push(category);
        }
    }

    pub(crate) fn waive(&mut self, category: i64) {
        self.requirements.retain(|required| *required != category);
    }

    fn issued(request: &Issuance, rng: &mut fastrand::Rng) -> Self {
        Self {
            name: request.name.clone(),
            asset_uuid: hex::uuid(rng),
            issuer: ISSUER,
            asset_id: hex::random(rng, 64),
            reissuance_token_id: request.is_reissuable.then(|| hex::random(rng, 64)),
            requirements: Vec::new(),
            ticker: Some(request.ticker.clone()),
            precision: request.precision,
            domain: Some(request.domain.clone()),
            pubkey: Some(request.pubkey.clone()),
            is_registered: false,
            is_authorized: false,
            is_locked: false,
            issuer_authorization_endpoint: None,
            transfer_restricted: request.transfer_restricted,
        }
    }
}

impl Issued {
    fn new(request: Issuance, asset: &Asset, rng: &mut fastrand::Rng) -> Self {
        let reissuable = request.is_reissuable;
        Self {
            asset_id: asset.asset_id.clone(),
            reissuance_token_id: asset.reissuance_token_id.clone(),
            asset_uuid: asset.asset_uuid.clone(),
            txid: hex::random(rng, 64),
            vin: 0,
            asset_vout: 0,
            reissuance_vout: reissuable.then_some(1),
            issuer_authorization_endpoint: None,
            issuance_assetblinder: hex::random(rng, 64),
            issuance_tokenblinder: reissuable.then(|| hex::random(rng, 64)),
            request,
        }
    }
}
