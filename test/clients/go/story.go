// What a program does with a client made by oapi-codegen: read, page through, follow the changes, put a document, read a
// problem, create, change, meet a conflict, delete. Compiled beside the generated `client.go`; told the address, a key and the id of a
// convention.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"sort"
	"strings"

	"github.com/google/uuid"
)

func main() {
	address, key, id := os.Args[1], os.Args[2], uuid.MustParse(os.Args[3])
	ctx := context.Background()
	authorize := func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+key)
		return nil
	}
	registry, err := NewClientWithResponses(address, WithRequestEditorFn(authorize))
	must(err)

	convention, err := registry.GetConventionWithResponse(ctx, id, &GetConventionParams{})
	must(err)
	expect(strings.HasSuffix(convention.JSON200.Title, "2022-2026"), convention.JSON200.Title)

	limit := 2
	var cursor *string
	count := 0
	for {
		page, err := registry.ListConventionActionsWithResponse(ctx, id, &ListConventionActionsParams{Limit: &limit, Cursor: cursor})
		must(err)
		count += len(page.JSON200.Data)
		if cursor = page.JSON200.Next; cursor == nil {
			break
		}
	}
	expect(count == 5, count)

	since := "beginning"
	feed, err := registry.ListChangesWithResponse(ctx, &ListChangesParams{Since: &since})
	must(err)
	titles := 0
	for _, change := range feed.JSON200.Data {
		value, err := change.ValueByDiscriminator()
		must(err)
		if action, isAction := value.(ActionChange); isAction && action.Data != nil {
			titles++
		}
	}
	expect(titles >= 5, titles)
	var unknown Change
	must(unknown.UnmarshalJSON([]byte(`{"type": "inspection"}`)))
	later, err := unknown.Discriminator()
	must(err)
	expect(later == "inspection", "a type that came later is skipped by its name")

	state, start, kind, name := ConventionStateSigned, "2022", OrganizationKindCaf, "Caf of a story"
	document := ConventionDocument{
		Title:         "Convention of a story",
		Caf:           "caf",
		State:         &state,
		StartsOn:      &start,
		Organizations: &[]DocumentOrganization{{Key: "caf", Kind: &kind, Name: &name}},
		Actions:       &[]DocumentAction{{Key: "first", Title: "To be told"}},
	}
	put := func() *PutSourceConventionResult {
		answer, err := registry.PutSourceConventionWithResponse(ctx, "story-go", "story", &PutSourceConventionParams{}, document)
		must(err)
		return answer
	}
	created := put()
	expect(created.JSON201 != nil && created.JSON201.Report.ByType.Actions.Created == 1, string(created.Body))
	again := put()
	expect(again.JSON200 != nil && again.JSON200.Report.Updated == 0, string(again.Body))

	start = "2022-02-30"
	document.Caf = "nobody"
	refused := put().ApplicationproblemJSON422
	expect(refused != nil && refused.Type == "/problems/invalid-body", refused)
	var pointers []string
	for _, fault := range *refused.Errors {
		pointers = append(pointers, *fault.Pointer)
	}
	sort.Strings(pointers)
	expect(strings.Join(pointers, " ") == "/caf /startsOn", pointers)

	made, err := registry.CreateOrganizationWithResponse(ctx, &CreateOrganizationParams{},
		OrganizationInput{Kind: OrganizationKindAssociation, Name: "Association of a story"})
	must(err)
	expect(made.JSON201 != nil, string(made.Body))
	organization, tag := made.JSON201.Id, made.HTTPResponse.Header.Get("ETag")
	change := func(name, ifMatch string) *UpdateOrganizationResult {
		answer, err := registry.UpdateOrganizationWithResponse(ctx, organization,
			&UpdateOrganizationParams{IfMatch: ifMatch}, OrganizationPatch{Name: &name})
		must(err)
		return answer
	}
	changed := change("Association of the story", tag)
	expect(changed.JSON200 != nil && changed.JSON200.Version == 2, string(changed.Body))
	late := change("Another name", tag)
	expect(late.ApplicationproblemJSON412 != nil && late.HTTPResponse.Header.Get("ETag") == `"2"`, string(late.Body))
	remove := func(ifMatch string) int {
		answer, err := registry.DeleteOrganizationWithResponse(ctx, organization, &DeleteOrganizationParams{IfMatch: ifMatch})
		must(err)
		return answer.StatusCode()
	}
	expect(remove(tag) == 412, "deleted by an older tag")
	expect(remove(`"2"`) == 204, "not deleted")
	gone, err := registry.GetOrganizationWithResponse(ctx, organization, &GetOrganizationParams{})
	must(err)
	expect(gone.ApplicationproblemJSON404 != nil, string(gone.Body))

	fmt.Println("the story is told")
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func expect(isTrue bool, seen any) {
	if !isTrue {
		panic(fmt.Sprint(seen))
	}
}
