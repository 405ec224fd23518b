"""What a program does with a client made by openapi-python-client: read, page through, follow the changes, put a
document, read a problem, create, change, meet a conflict, delete.

Run beside the generated package `registry`; told the address, a key and the id of a convention.
"""

import sys
from uuid import UUID

from registry import AuthenticatedClient
from registry.api.actions import list_convention_actions
from registry.api.changes import list_changes
from registry.api.conventions import get_convention
from registry.api.organizations import (
    create_organization,
    delete_organization,
    get_organization,
    update_organization,
)
from registry.api.sync import put_source_convention
from registry.models import (
    ActionChange,
    ActionPage,
    ChangePage,
    Convention,
    ConventionDocument,
    Organization,
    OrganizationInput,
    OrganizationPatch,
    Problem,
    ResourceType,
    SyncResult,
)

address, key, convention_id = sys.argv[1:]
client = AuthenticatedClient(base_url=address, token=key)

convention = get_convention.sync(UUID(convention_id), client=client)
assert isinstance(convention, Convention)
assert convention.title.endswith("2022-2026"), convention.title

actions = []
page = list_convention_actions.sync(UUID(convention_id), client=client, limit=2)
while True:
    assert isinstance(page, ActionPage)
    actions += page.data
    if page.next_ is None:
        break
    page = list_convention_actions.sync(UUID(convention_id), client=client, limit=2, cursor=page.next_)
assert len(actions) == 5, actions

# A type that came later would be no type of this client.
feed = list_changes.sync(client=client, since="beginning", types=[ResourceType.ACTION])
assert isinstance(feed, ChangePage)
titles = [one.data.title for one in feed.data if isinstance(one, ActionChange) and one.data is not None]
assert len(titles) == 5, titles

document = {
    "title": "Convention of a story",
    "caf": "caf",
    "state": "signed",
    "startsOn": "2022",
    "organizations": [{"key": "caf", "kind": "caf", "name": "Caf of a story"}],
    "actions": [{"key": "first", "title": "To be told"}],
}


def put(changes):
    body = ConventionDocument.from_dict({**document, **changes})
    return put_source_convention.sync_detailed("story-python", "story", client=client, body=body)


created = put({})
assert created.status_code == 201 and isinstance(created.parsed, SyncResult), created
assert created.parsed.report.by_type.actions.created == 1
again = put({})
assert again.status_code == 200 and again.parsed.report.updated == 0, again

refused = put({"startsOn": "2022-02-30", "caf": "nobody"})
assert isinstance(refused.parsed, Problem) and refused.parsed.type_ == "/problems/invalid-body", refused
assert sorted(fault.pointer for fault in refused.parsed.errors) == ["/caf", "/startsOn"]

new = OrganizationInput.from_dict({"kind": "association", "name": "Association of a story"})
made = create_organization.sync_detailed(client=client, body=new)
assert made.status_code == 201 and isinstance(made.parsed, Organization), made
id, tag = made.parsed.id, made.headers["etag"]


def change(name, if_match):
    patch = OrganizationPatch.from_dict({"name": name})
    return update_organization.sync_detailed(id, client=client, body=patch, if_match=if_match)


changed = change("Association of the story", tag)
assert changed.parsed.version == 2 and changed.headers["etag"] == '"2"', changed
late = change("Another name", tag)
assert late.status_code == 412 and late.parsed.type_ == "/problems/precondition-failed", late
assert late.headers["etag"] == '"2"', late
assert delete_organization.sync_detailed(id, client=client, if_match=tag).status_code == 412
assert delete_organization.sync_detailed(id, client=client, if_match='"2"').status_code == 204
gone = get_organization.sync_detailed(id, client=client)
assert gone.status_code == 404 and gone.parsed.type_ == "/problems/not-found", gone

client.get_httpx_client().close()
print("the story is told")
