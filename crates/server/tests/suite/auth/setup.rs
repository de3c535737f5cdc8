//! The one-time set-up, and accounts of the operator's making.

use super::{PASSWORD, closed, log_in};
use liftgate_app::Error;
use liftgate_app::accounts::{self, NewAdministrator, NewUser};
use liftgate_model::Secret;

fn administrator(email: &str) -> NewAdministrator {
    NewAdministrator {
        email: email.to_owned(),
        password: Secret::new(PASSWORD),
        first_name: "Ada".to_owned(),
        last_name: "Lovelace".to_owned(),
        organisation: "Acme".to_owned(),
    }
}

#[tokio::test]
async fn the_last_link_makes_the_first_administrator_and_no_second() {
    let server = closed().await;
    let app = &server.app;
    let old = accounts::create_setup_link(app).await.unwrap().unwrap();
    let link = accounts::create_setup_link(app).await.unwrap().unwrap();
    let refused = |result: Result<_, Error>| matches!(result, Err(Error::Forbidden(Some(_))));
    assert!(refused(
        accounts::complete_setup(app, &old, administrator("a@example.com")).await
    ));
    let (user, token) = accounts::complete_setup(app, &link, administrator("Ada@example.com"))
        .await
        .unwrap();
    assert!(user.is_superuser && user.email == "ada@example.com");
    let client = server.anonymous().with_token(token.expose());
    let organisations = client.get("/api/v1/organisations/").await.expect(200);
    assert_eq!(organisations["results"][0]["name"], "Acme");
    assert_eq!(organisations["results"][0]["role"], "ADMIN");
    assert!(refused(
        accounts::complete_setup(app, &link, administrator("b@example.com")).await
    ));
    assert!(accounts::create_setup_link(app).await.unwrap().is_none());
    server.stop().await;
}

#[tokio::test]
async fn a_link_is_worth_nothing_once_somebody_signed_up() {
    let server = closed().await;
    let link = accounts::create_setup_link(&server.app).await.unwrap().unwrap();
    server.sign_up("ada@example.com").await;
    let late = accounts::complete_setup(&server.app, &link, administrator("b@example.com")).await;
    assert!(matches!(late, Err(Error::Forbidden(Some(_)))));
    server.stop().await;
}

#[tokio::test]
async fn the_operator_makes_accounts_without_invitation() {
    let server = closed().await;
    server.sign_up("first@example.com").await;
    let new = NewUser {
        email: "Ops@example.com".to_owned(),
        password: Secret::new(PASSWORD),
        first_name: String::new(),
        last_name: String::new(),
        superuser: true,
        organisation: Some("Acme".to_owned()),
    };
    accounts::create_user(&server.app, new.clone()).await.unwrap();
    assert!(matches!(
        accounts::create_user(&server.app, new.clone()).await,
        Err(Error::Invalid(_))
    ));
    let second = NewUser {
        email: "ops2@example.com".to_owned(),
        ..new.clone()
    };
    accounts::create_user(&server.app, second).await.unwrap();
    let nobody = NewUser {
        email: "nonsense".to_owned(),
        ..new
    };
    assert!(matches!(
        accounts::create_user(&server.app, nobody).await,
        Err(Error::Invalid(_))
    ));
    let key = log_in(&server, "ops2@example.com", PASSWORD).await.expect(200);
    let client = server.anonymous().with_token(key["key"].as_str().unwrap());
    let organisations = client.get("/api/v1/organisations/").await.expect(200);
    assert_eq!(
        (&organisations["count"], &organisations["results"][0]["num_seats"]),
        (&1.into(), &2.into())
    );
    server.stop().await;
}
