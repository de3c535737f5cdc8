//! The operations of the server, with the ids of a world in their paths.

use crate::world::World;
use liftgate_testkit::Client;
use reqwest::Method;

/// One method on one path.
pub struct Operation {
    pub method: Method,
    /// The path as the document has it.
    pub template: String,
    /// The path, naming objects that are there.
    pub path: String,
    /// Who may call, in the document's words.
    pub who: String,
}

impl Operation {
    /// Every operation of the document, so that none is forgotten. Streams, which go on, are left out.
    pub async fn all(client: &Client, world: &World) -> Vec<Self> {
        let document = client.get("/api/v1/swagger.json").await.expect(200);
        let mut all = Vec::new();
        for (template, methods) in document["paths"].as_object().unwrap() {
            if template.ends_with("/stream") {
                continue;
            }
            for (method, operation) in methods.as_object().unwrap() {
                all.push(Self {
                    method: Method::from_bytes(method.to_uppercase().as_bytes()).unwrap(),
                    template: template.clone(),
                    path: world.path_of(template),
                    who: operation["x-liftgate-access"].as_str().unwrap().to_owned(),
                });
            }
        }
        all
    }

    /// Whether it is open to everybody.
    pub fn is_open(&self) -> bool {
        self.who.starts_with("anyone")
    }

    /// Whether it is about the account of whoever calls.
    pub fn is_about_the_caller(&self) -> bool {
        self.who == "signed in as a person"
    }

    /// Whether it asks for the key of an environment.
    pub fn is_of_the_data_plane(&self) -> bool {
        self.who.contains("key of the environment")
    }

    /// Whether its path names an object.
    pub fn names_an_object(&self) -> bool {
        self.template.contains('{')
    }

    /// Whether it changes nothing.
    pub fn is_read(&self) -> bool {
        self.method == Method::GET
    }
}
