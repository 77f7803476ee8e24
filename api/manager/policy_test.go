package manager_test

import (
	"net/http"
	"testing"
)

func TestAPolicyIsSetReadAndListedWithItsDefaults(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var before struct{ Policy object }
	b.get("finance", "/v1/manager/policy").into(http.StatusOK, &before)
	if before.Policy["touch"] != "first" || before.Policy["click_days"] != 30.0 {
		t.Fatalf("%v", before.Policy)
	}
	var kept struct {
		ID     string
		Policy object
	}
	b.post("hq", "/v1/manager/policies", object{"policy": object{"touch": "last", "move": object{"store": "follow"}}}).into(http.StatusCreated, &kept)
	move, _ := kept.Policy["move"].(map[string]any)
	if kept.Policy["touch"] != "last" || kept.Policy["click_days"] != 30.0 || move["store"] != "follow" || move["staff"] != "keep" {
		t.Errorf("what was not named has its default: %v", kept.Policy)
	}
	b.get("manager", "/v1/manager/policy").into(http.StatusOK, &before)
	var list struct{ Items []struct{ ID string } }
	b.get("manager", "/v1/manager/policies").into(http.StatusOK, &list)
	if before.Policy["touch"] != "last" || len(list.Items) != 1 || list.Items[0].ID != kept.ID {
		t.Errorf("%v, %v", before.Policy, list.Items)
	}
}

func TestAPolicyThatCannotBeIsRefusedByItsFields(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, tc := range []struct {
		why    string
		policy any
		status int
		code   string
		field  string
	}{
		{"an unknown switch", object{"tuch": "last"}, http.StatusBadRequest, "body_invalid", "policy.tuch"},
		{"nothing", nil, http.StatusBadRequest, "body_invalid", "policy"},
		{"a value that there is not", object{"touch": "middle"}, http.StatusUnprocessableEntity, "fields_invalid", "touch"},
	} {
		b.post("hq", "/v1/manager/policies", object{"policy": tc.policy}).refused(tc.status, tc.code, tc.field)
		b.ask("hq", http.MethodPost, "/v1/manager/policies/preview", object{"policy": tc.policy, "days": 7}).refused(tc.status, tc.code, tc.field)
	}
	b.post("hq", "/v1/manager/policies", object{"policy": object{}, "from": "2020-01-01T00:00:00Z"}).refused(http.StatusUnprocessableEntity, "policy_not_forward", "")
	b.ask("hq", http.MethodPost, "/v1/manager/policies/preview", object{"policy": object{}, "days": 0}).refused(http.StatusUnprocessableEntity, "fields_invalid", "days")
}
