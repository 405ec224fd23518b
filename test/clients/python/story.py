"""What a program does with a client made by openapi-python-client: read, page through, put a document, read a problem.

Run beside the generated package `registry`; told the address, a key and the id of a convention.
"""

import sys
from uuid import UUID

from registry import AuthenticatedClient
from registry.api.actions import list_convention_actions
from registry.api.conventions import get_convention
from registry.api.sync import put_source_convention
from registry.models import ActionPage, Convention, ConventionDocument, Problem, SyncResult

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

client.get_httpx_client().close()
print("the story is told")
