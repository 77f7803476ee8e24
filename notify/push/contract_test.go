package push

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"homestore/clienteling/shop"
)

const contract = "../../mobile-contract/push"

var update = flag.Bool("update", false, "write the examples of the contract anew")

var (
	noon       = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC) // 12:00 in Taipei
	deliveryID = mustID("019aa9a4-2800-7c11-8a01-5f0e6d1b7a10")
	offerID    = mustID("019aa8f0-1c00-7b22-9b02-1a2b3c4d5e6f")
	campaignID = mustID("019aa8f1-0c00-7d33-8c03-0f1e2d3c4b5a")
	creditID   = mustID("019aa9a5-3400-7e44-9d04-9a8b7c6d5e4f")
	orderID    = mustID("019aa9a5-3000-7f55-8e05-112233445566")
	disputeID  = mustID("019aa9a5-3800-7a66-8f06-665544332211")
)

func mustID(s string) shop.ID {
	id, err := shop.ParseID(s)
	if err != nil {
		panic(err)
	}
	return id
}

func lampOffer() Offer {
	return Offer{
		DeliveryID: deliveryID,
		OfferID:    offerID,
		CampaignID: campaignID,
		Title:      shop.Text{shop.TraditionalChinese: "您看過的檯燈，本週 8 折", shop.English: "The lamp you looked at: 20 % off"},
		Body:       shop.Text{shop.TraditionalChinese: "到週日為止，門市與網路都可使用。", shop.English: "Until Sunday, in every shop and online."},
		Link:       "https://shop.example/offers/lamp?a=1&b=2",
		EndsAt:     noon.Add(7 * 24 * time.Hour),
		ShowBy:     noon.Add(10 * time.Hour),
		IsFirst:    true,
	}
}

func staffCredit() Credit {
	return Credit{CreditID: creditID, OrderID: orderID, Role: "home_staff", Amount: 600, Currency: "TWD", ShowBy: noon.Add(10 * time.Hour)}
}

func nightCredit() Credit {
	c := staffCredit()
	c.IsSilent = true
	return c
}

func endedDispute() Dispute {
	return Dispute{DisputeID: disputeID, State: "upheld", ShowBy: noon.Add(10 * time.Hour)}
}

type builder interface {
	Message(shop.Language, time.Time) (Message, error)
}

func TestBuiltPayloadsKeepTheContract(t *testing.T) {
	t.Parallel()
	refused, atNight := endedDispute(), endedDispute()
	refused.State, atNight.IsSilent = "refused", true
	leastOffer := lampOffer()
	leastOffer.CampaignID, leastOffer.Link, leastOffer.EndsAt, leastOffer.IsFirst = shop.ID{}, "", time.Time{}, false
	for _, c := range []struct {
		why, schema, example string
		payload              builder
		language             shop.Language
	}{
		{"all that an offer can carry", "offer", "offer.zh-TW.json", lampOffer(), shop.TraditionalChinese},
		{"the same in English", "offer", "offer.en.json", lampOffer(), shop.English},
		{"only what an offer must carry", "offer", "offer.least.json", leastOffer, shop.TraditionalChinese},
		{"a credit", "credit", "credit.zh-TW.json", staffCredit(), shop.TraditionalChinese},
		{"the same in English", "credit", "credit.en.json", staffCredit(), shop.English},
		{"at night", "credit", "credit.night.json", nightCredit(), shop.English},
		{"a dispute that was upheld", "dispute", "dispute.zh-TW.json", endedDispute(), shop.TraditionalChinese},
		{"one that was not", "dispute", "dispute.en.json", refused, shop.English},
		{"at night", "dispute", "dispute.night.json", atNight, shop.English},
	} {
		t.Run(c.example, func(t *testing.T) {
			t.Parallel()
			m, err := c.payload.Message(c.language, noon)
			if err != nil {
				t.Fatalf("%s: %v", c.why, err)
			}
			validate(t, c.schema, m.Payload())
			for key := range m.Data {
				if !describes(t, c.schema, key) {
					t.Errorf("%s: the schema does not say what data.%s is", c.why, key)
				}
			}
			compareWithExample(t, c.example, m.Payload())
		})
	}
}

func TestExamplesOfTheContractKeepTheSchemas(t *testing.T) {
	t.Parallel()
	for _, schema := range []string{"offer", "credit", "dispute"} {
		examples, err := filepath.Glob(filepath.Join(contract, "examples", schema+".*.json"))
		if err != nil || len(examples) == 0 {
			t.Fatalf("no examples of %s: %v", schema, err)
		}
		for _, file := range examples {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			validate(t, schema, b)
		}
	}
}

func TestSchemaRefusesWhatIsNotPromised(t *testing.T) {
	t.Parallel()
	schema := compile(t, "credit")
	for why, payload := range map[string]string{
		"without data":        `{"notification":{"title":"t","body":"b"}}`,
		"an amount of number": `{"notification":{"title":"t","body":"b"},"data":{"type":"credit","version":"1","credit_id":"019aa9a5-3400-7e44-9d04-9a8b7c6d5e4f","order_id":"019aa9a5-3000-7f55-8e05-112233445566","role":"home_staff","amount_minor":600,"currency":"TWD"}}`,
		"an id of no UUID":    `{"notification":{"title":"t","body":"b"},"data":{"type":"credit","version":"1","credit_id":"7","order_id":"019aa9a5-3000-7f55-8e05-112233445566","role":"home_staff","amount_minor":"600","currency":"TWD"}}`,
	} {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(payload)))
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(value) == nil {
			t.Errorf("the schema takes a payload with %s", why)
		}
	}
}

func compile(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(filepath.Join(contract, name+".schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func validate(t *testing.T, name string, payload []byte) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(payload))
	if err != nil {
		t.Fatal(err)
	}
	if err := compile(t, name).Validate(value); err != nil {
		t.Errorf("%s: %v", payload, err)
	}
}

func describes(t *testing.T, name, key string) bool {
	t.Helper()
	_, known := compile(t, name).Properties["data"].Properties[key]
	return known
}

func compareWithExample(t *testing.T, name string, payload []byte) {
	t.Helper()
	var got bytes.Buffer
	if err := json.Indent(&got, payload, "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	file := filepath.Join(contract, "examples", name)
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("%s differs from what is built; run with -update when that is meant:\n%s", name, got.String())
	}
}
