//! Roles and scopes: what is not granted is denied, and nobody's personal affairs are another's.
use beadle::base::ids::uuid7;
use beadle::base::random::SeededRandom;
use beadle::community::audit::{Actor, Filter, list};
use beadle::community::principals::{
    Change, Grant, Role, Scope, Source, Tenant, allows, grant, may, of_user, operators, revoke,
    with_role,
};
use beadle::store::{Store, StoreOptions};
use proptest::prelude::*;
use uuid::Uuid;

const GROUP: Tenant = Tenant::Group(-1001);
const OTHER: Tenant = Tenant::Group(-1002);
const ANN: i64 = 42;
const BOB: i64 = 43;
const NOW: i64 = 1_790_000_000_000;

fn given(tenant: Tenant, role: Role) -> Grant {
    Grant {
        tenant,
        role,
        source: Source::Given,
        expires_at: None,
    }
}

#[test]
fn a_role_reaches_its_tenant_and_no_other() {
    let held = [given(GROUP, Role::Moderator)];
    let ok = |scope, tenant| allows(Some(ANN), &held, scope, tenant, NOW);
    assert!(ok(Scope::MessageModerate, GROUP));
    assert!(!ok(Scope::MessageModerate, OTHER));
    assert!(!ok(Scope::GroupWrite, GROUP));
    assert!(!ok(Scope::HouseOperate, Tenant::House));
    let operator = [given(Tenant::House, Role::Operator)];
    for scope in Scope::ALL {
        assert!(allows(Some(ANN), &operator, scope, GROUP, NOW));
        assert!(
            !allows(Some(ANN), &operator, scope, Tenant::Person(BOB), NOW),
            "{scope:?}"
        );
        assert!(!allows(Some(ANN), &[], scope, GROUP, NOW));
    }
    assert!(allows(
        Some(ANN),
        &[],
        Scope::BookRead,
        Tenant::Person(ANN),
        NOW
    ));
    let mut ending = given(GROUP, Role::Owner);
    ending.expires_at = Some(NOW);
    assert!(allows(None, &[ending], Scope::GroupWrite, GROUP, NOW - 1));
    assert!(!allows(None, &[ending], Scope::GroupWrite, GROUP, NOW));
}

fn tenants() -> impl Strategy<Value = Tenant> {
    prop_oneof![
        Just(Tenant::House),
        any::<i64>().prop_map(Tenant::Group),
        any::<[u8; 16]>().prop_map(|b| Tenant::Project(Uuid::from_bytes(b))),
        any::<i64>().prop_map(Tenant::Person),
    ]
}

proptest! {
    #[test]
    fn a_tenant_is_read_as_it_was_written(tenant in tenants()) {
        prop_assert_eq!(tenant.to_string().parse::<Tenant>(), Ok(tenant));
    }

    #[test]
    fn rubbish_is_no_tenant_and_no_scope(text in ".{0,40}") {
        if let Ok(tenant) = text.parse::<Tenant>() {
            prop_assert_eq!(tenant.to_string().parse::<Tenant>(), Ok(tenant));
        }
        if let Some(scope) = Scope::from_name(&text) {
            prop_assert_eq!(scope.name(), text);
        }
    }

    #[test]
    fn nothing_is_allowed_that_no_grant_brings(held in proptest::collection::vec((tenants(), 0..7_usize), 0..4), asked in tenants(), scope in 0..18_usize) {
        let held: Vec<_> = held.into_iter().map(|(t, r)| given(t, Role::ALL[r])).collect();
        let scope = Scope::ALL[scope];
        let allowed = allows(None, &held, scope, asked, NOW);
        let some = held.iter().any(|g| g.role.brings(scope)
            && (g.tenant == asked || (g.tenant == Tenant::House && !matches!(asked, Tenant::Person(_)))));
        prop_assert_eq!(allowed, some);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_the_config_makes_operators_and_unmakes_them() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&StoreOptions::new(dir.path())).unwrap();
    let random = SeededRandom::new(1);
    let appoint = async |ids: &[i64]| {
        let listed: Vec<_> = ids.iter().map(|id| (*id, uuid7(&random, NOW))).collect();
        store
            .write(move |tx| operators(tx, &listed, NOW))
            .await
            .unwrap()
    };
    let who = async || {
        store
            .read(|conn| with_role(conn, Role::Operator, Tenant::House))
            .await
            .unwrap()
    };
    let change = |given, taken| Change { given, taken };
    assert_eq!(appoint(&[]).await, change(0, 0));
    assert_eq!(who().await, Vec::<i64>::new(), "empty means nobody");
    assert_eq!(appoint(&[ANN, BOB]).await, change(2, 0));
    assert_eq!(appoint(&[ANN, BOB]).await, change(0, 0), "once is enough");
    assert_eq!(appoint(&[BOB]).await, change(0, 1));
    assert_eq!(who().await, [BOB]);
    let allowed = async |user, scope, tenant| {
        store
            .read(move |conn| may(conn, user, scope, tenant, NOW))
            .await
            .unwrap()
    };
    assert!(allowed(BOB, Scope::PersonErase, Tenant::House).await);
    assert!(!allowed(ANN, Scope::PersonErase, Tenant::House).await);
    // What somebody gave does not go with the list.
    store
        .write(|tx| {
            let ann = of_user(tx, ANN)?.unwrap();
            let by = Actor::User(BOB);
            assert!(grant(tx, ann.id, &given(GROUP, Role::Owner), by, NOW)?);
            assert!(!grant(tx, ann.id, &given(GROUP, Role::Owner), by, NOW)?);
            Ok(())
        })
        .await
        .unwrap();
    appoint(&[]).await;
    assert!(allowed(ANN, Scope::GroupWrite, GROUP).await);
    assert!(!allowed(ANN, Scope::GroupWrite, OTHER).await);
    store
        .write(|tx| {
            let ann = of_user(tx, ANN)?.unwrap();
            assert!(revoke(tx, ann.id, Role::Owner, GROUP)?);
            Ok(())
        })
        .await
        .unwrap();
    assert!(!allowed(ANN, Scope::GroupWrite, GROUP).await);
    let acts = store
        .read(|conn| list(conn, &Filter::default(), false, 10))
        .await
        .unwrap();
    let acts: Vec<_> = acts
        .iter()
        .rev()
        .map(|a| (a.action.as_str(), a.subject.as_str()))
        .collect();
    assert_eq!(
        acts,
        [
            ("role.given", "user:42"),
            ("role.given", "user:43"),
            ("role.taken", "user:42"),
            ("role.taken", "user:43")
        ]
    );
    store.close();
}
