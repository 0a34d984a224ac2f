//! The assets of the issuer.

use serde::Serialize;

use crate::book::{Book, Coin, Funding, Transaction};
use crate::caller::ISSUER;
use crate::gaid;
use crate::hex;
use crate::issuance::Issuance;

const SEEDED: [(&str, &str, &str); 3] = [
    ("Harbour Bond 2031", "HBOND", "harbour.example"),
    ("Orchard Note", "ORCH", "orchard.example"),
    ("Tin Loyalty Point", "TIN", "tin.example"),
];

/// How much there is of each of them.
const SEEDED_AMOUNT: i64 = 1_000_000;

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
    #[serde(skip)]
    pub(crate) book: Book,
    #[serde(skip)]
    pub(crate) memo: String,
    #[serde(skip)]
    pub(crate) treasury_addresses: Vec<String>,
}

/// A step that an asset has behind it already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AlreadyDone;

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
    reissuance_vout: Option<usize>,
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

    pub(crate) fn all_mut(&mut self) -> &mut [Asset] {
        &mut self.assets
    }

    pub(crate) fn find_mut(&mut self, uuid: &str) -> Option<&mut Asset> {
        self.assets
            .iter_mut()
            .find(|asset| asset.asset_uuid == uuid)
    }

    /// The asset with this id on the chain.
    pub(crate) fn on_chain_mut(&mut self, asset_id: &str) -> Option<&mut Asset> {
        self.assets
            .iter_mut()
            .find(|asset| asset.asset_id == asset_id)
    }

    /// Forgets an asset; on a chain it would stay.
    pub(crate) fn remove(&mut self, uuid: &str) {
        self.assets.retain(|asset| asset.asset_uuid != uuid);
    }

    /// Adds an asset every time, as the chain would: a request sent twice issues twice.
    pub(crate) fn issue(&mut self, request: Issuance, rng: &mut fastrand::Rng) -> Issued {
        let mut asset = Asset::issued(&request, rng);
        asset.treasury_addresses = request.addresses();
        let transaction = asset.book.issue(request.funding(), rng).clone();
        let issued = Issued::new(request, &asset, &transaction);
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
    pub(crate) fn uuid(&self) -> &str {
        &self.asset_uuid
    }

    /// Its id on the chain.
    pub(crate) fn id(&self) -> &str {
        &self.asset_id
    }

    pub(crate) fn reissuance_token_id(&self) -> Option<&str> {
        self.reissuance_token_id.as_deref()
    }

    /// The categories that an owner needs to be in.
    pub(crate) fn requirements(&self) -> &[i64] {
        &self.requirements
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

    pub(crate) fn is_locked(&self) -> bool {
        self.is_locked
    }

    pub(crate) fn set_locked(&mut self, is_locked: bool) {
        self.is_locked = is_locked;
    }

    pub(crate) fn set_authorization_endpoint(&mut self, endpoint: String) {
        self.issuer_authorization_endpoint = Some(endpoint);
    }

    /// Publishes it in the registry.
    pub(crate) fn register(&mut self) -> Result<(), AlreadyDone> {
        once(&mut self.is_registered)
    }

    /// Hands the control over its transfers to Green.
    pub(crate) fn authorize(&mut self) -> Result<(), AlreadyDone> {
        once(&mut self.is_authorized)
    }

    fn seeded(name: &str, ticker: &str, domain: &str, rng: &mut fastrand::Rng) -> Self {
        let address = gaid::new_address(rng);
        let mut book = Book::default();
        book.issue(Funding::of(&address, SEEDED_AMOUNT), rng);
        Self {
            book,
            memo: String::new(),
            treasury_addresses: vec![address],
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
            book: Book::default(),
            memo: String::new(),
            treasury_addresses: Vec::new(),
        }
    }
}

impl Issued {
    fn new(request: Issuance, asset: &Asset, transaction: &Transaction) -> Self {
        let token = transaction.outputs_of(Coin::ReissuanceToken).next();
        let blinder = |coin| {
            let mut outputs = transaction.outputs_of(coin);
            outputs
                .next()
                .map(|(_, output)| output.asset_blinder.clone())
        };
        Self {
            asset_id: asset.asset_id.clone(),
            reissuance_token_id: asset.reissuance_token_id.clone(),
            asset_uuid: asset.asset_uuid.clone(),
            txid: transaction.txid.clone(),
            vin: 0,
            asset_vout: 0,
            reissuance_vout: token.map(|(vout, _)| vout),
            issuer_authorization_endpoint: None,
            issuance_assetblinder: blinder(Coin::Asset).unwrap_or_default(),
            issuance_tokenblinder: blinder(Coin::ReissuanceToken),
            request,
        }
    }
}

/// Sets what can be set once.
fn once(done: &mut bool) -> Result<(), AlreadyDone> {
    match std::mem::replace(done, true) {
        true => Err(AlreadyDone),
        false => Ok(()),
    }
}
