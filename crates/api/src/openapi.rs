//! The OpenAPI 3.1 document: completed from what guards and paths say, and served with a page to read it.

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    Components, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, PathItem, Ref, RefOr, Required,
    Response as Documented, ResponseBuilder,
};
use utoipa_swagger_ui::Config;

use crate::error::{ApiError, Refusal};
use crate::guard::Keys;
use crate::json;

/// The extension of an operation that says who may call it.
pub const ACCESS: &str = "x-liftgate-access";

const DOCUMENT: &str = "/api/v1/swagger.json";
const DOCUMENT_YAML: &str = "/api/v1/swagger.yaml";
const DOCS: &str = "/api/v1/docs/";
const DOCS_FILE: &str = "/api/v1/docs/{*file}";

/// The paths of the documentation.
pub(crate) const PAGES: [&str; 4] = [DOCUMENT, DOCUMENT_YAML, DOCS, DOCS_FILE];

/// The operations of a path.
pub(crate) fn operations(item: &PathItem) -> impl Iterator<Item = &Operation> {
    [&item.get, &item.post, &item.put, &item.patch, &item.delete]
        .into_iter()
        .filter_map(Option::as_ref)
}

/// Writes into a path's operations what follows from guard and path: who may call and with which keys, a name of its
/// own, the parameters of the path, and the errors that every such operation may answer.
pub(crate) fn declare(path: &str, item: &mut PathItem, who: &str, keys: Keys) {
    let methods = [
        ("get", &mut item.get),
        ("post", &mut item.post),
        ("put", &mut item.put),
        ("patch", &mut item.patch),
        ("delete", &mut item.delete),
    ];
    for (method, operation) in methods {
        let Some(operation) = operation else {
            continue;
        };
        operation.operation_id = Some(operation_id(method, path));
        operation
            .extensions
            .get_or_insert_default()
            .insert(ACCESS.to_owned(), json!(who));
        operation.security = Some(security(keys));
        for name in parameters(path) {
            let documented = operation.parameters.get_or_insert_default();
            if !documented
                .iter()
                .any(|known| matches!(known, RefOr::T(known) if known.name == name))
            {
                documented.push(RefOr::T(parameter(name)));
            }
        }
        let mut errors = Vec::new();
        match keys {
            Keys::None => {}
            Keys::Account => errors.extend([("401", "Unauthenticated"), ("403", "Forbidden")]),
            Keys::Environment => errors.push(("403", "Forbidden")),
        }
        if path.contains('{') {
            errors.push(("404", "NotFound"));
        }
        if operation.request_body.is_some() {
            errors.push(("400", "Invalid"));
        }
        for (status, name) in errors {
            let reference = || RefOr::Ref(Ref::from_response_name(name));
            operation
                .responses
                .responses
                .entry(status.to_owned())
                .or_insert_with(reference);
        }
    }
}

/// A name that no other operation has, and that stays when handlers are renamed: `get_projects_by_project_id`.
fn operation_id(method: &str, path: &str) -> String {
    let mut id = method.to_owned();
    for segment in path
        .split('/')
        .filter(|segment| !matches!(*segment, "" | "api" | "v1"))
    {
        let parameter = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}'));
        id.push_str(if parameter.is_some() { "_by_" } else { "_" });
        let word = |letter: char| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '_'
            }
        };
        id.extend(parameter.unwrap_or(segment).chars().map(word));
    }
    id
}

fn security(keys: Keys) -> Vec<SecurityRequirement> {
    let names: &[&str] = match keys {
        Keys::None => &[],
        Keys::Account => &["Token", "Api-Key", "Bearer"],
        Keys::Environment => &["X-Environment-Key"],
    };
    names
        .iter()
        .map(|name| SecurityRequirement::new(*name, Vec::<String>::new()))
        .collect()
}

/// The names of a path's parameters.
fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

/// A parameter of the path: an integer when its name ends in `_id`.
fn parameter(name: &str) -> Parameter {
    let schema = if name.ends_with("_id") {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::Integer))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
    } else {
        ObjectBuilder::new().schema_type(SchemaType::Type(Type::String))
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(schema))
        .build()
}

/// Adds what concerns the whole: title, ways to authenticate, common errors.
pub(crate) fn complete(mut document: OpenApi) -> OpenApi {
    document.info = InfoBuilder::new()
        .title("Liftgate")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Feature flags and experiments. Compatible with the API of Flagsmith. While an experiment runs on a flag, \
             operations that change what the flag serves answer with the header `Liftgate-Warning`, or are refused with \
             409 and the code `experiment_running`, as the server is set up.",
        ))
        .license(Some(
            LicenseBuilder::new()
                .name("Apache-2.0")
                .identifier(Some("Apache-2.0"))
                .build(),
        ))
        .build();
    let components = document.components.get_or_insert_with(Components::new);
    let header = |name: &str, description: &str| {
        RefOr::T(SecurityScheme::ApiKey(ApiKey::Header(
            ApiKeyValue::with_description(name, description),
        )))
    };
    components.security_schemes.extend([
        (
            "Token".to_owned(),
            header("Authorization", "`Token <session token>`, of a person."),
        ),
        (
            "Api-Key".to_owned(),
            header("Authorization", "`Api-Key <master key>`, of an organisation."),
        ),
        (
            "Bearer".to_owned(),
            RefOr::T(SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer))),
        ),
        (
            "X-Environment-Key".to_owned(),
            header("X-Environment-Key", "A key of an environment."),
        ),
    ]);
    components.responses.extend([
        error(
            "Unauthenticated",
            "Not signed in.",
            &json!({"detail": "Authentication credentials were not provided."}),
        ),
        error(
            "Forbidden",
            "Not allowed.",
            &json!({"detail": "You do not have permission to perform this action."}),
        ),
        error(
            "NotFound",
            "There is no such thing, or the caller may not know of it.",
            &json!({"detail": "Not found."}),
        ),
        error(
            "Invalid",
            "The input is not acceptable.",
            &json!({"name": ["This field is required."]}),
        ),
    ]);
    document
}

fn error(name: &str, description: &str, example: &serde_json::Value) -> (String, RefOr<Documented>) {
    let content = ContentBuilder::new()
        .schema(Some(
            ObjectBuilder::new().schema_type(SchemaType::Type(Type::Object)),
        ))
        .example(Some(example.clone()))
        .build();
    let response = ResponseBuilder::new()
        .description(description)
        .content("application/json", content)
        .build();
    (name.to_owned(), RefOr::T(response))
}

/// The routes of the documentation: the document as JSON, the same under a name for YAML readers (JSON is YAML), and
/// the page. All files are in the binary, and the page asks no other host.
pub(crate) fn pages(document: &OpenApi) -> Router {
    let bytes = bytes::Bytes::from(json::to_ascii(document).expect("an OpenAPI document is JSON"));
    let yaml = bytes.clone();
    let config = Arc::new(
        Config::from(DOCUMENT)
            .validator_url("none")
            .persist_authorization(true),
    );
    let index = Arc::clone(&config);
    Router::new()
        .route(
            DOCUMENT,
            get(move || std::future::ready(served("application/json", bytes.clone()))),
        )
        .route(
            DOCUMENT_YAML,
            get(move || std::future::ready(served("application/yaml", yaml.clone()))),
        )
        .route(DOCS, get(move || std::future::ready(page("", &index))))
        .route(
            DOCS_FILE,
            get(move |Path(file): Path<String>| std::future::ready(page(&file, &config))),
        )
}

fn served(media_type: &'static str, bytes: bytes::Bytes) -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static(media_type))], bytes).into_response()
}

/// A file of the page. Its styles are inline, its scripts are not.
fn page(file: &str, config: &Arc<Config<'static>>) -> Response {
    const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
        frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    let found = match utoipa_swagger_ui::serve(file, Arc::clone(config)) {
        Ok(Some(found)) => found,
        Ok(None) => return ApiError::from(Refusal::NoSuchPath).into_response(),
        Err(error) => {
            return ApiError::from(liftgate_app::Error::internal(error.to_string())).into_response();
        }
    };
    let Ok(media_type) = HeaderValue::from_str(&found.content_type) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers: [(HeaderName, HeaderValue); 3] = [
        (CONTENT_TYPE, media_type),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    ];
    let mut response = (headers, found.bytes.into_owned()).into_response();
    if found.gzpipped {
        response
            .headers_mut()
            .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}
