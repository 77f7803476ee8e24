package tag

import (
	"reflect"
	"testing"
	"time"

	"homestore/clienteling/shop"
)

// Whatever may change of a tag stands in its history. What never changes is named here; a new field is neither until somebody
// says which.
func TestNothingOfATagChangesUnseen(t *testing.T) {
	t.Parallel()
	never := map[string]bool{
		"ID": true, "Brand": true, "Code": true, "Store": true, "Staff": true, "Kind": true, "Reference": true, "Placement": true, "Batch": true,
		"CreatedBy": true, "CreatedAt": true, "ChangedAt": true, // when is said by the change itself
	}
	for field := range reflect.TypeFor[Tag]().Fields() {
		var after Tag
		switch value := reflect.ValueOf(&after).Elem().FieldByIndex(field.Index); value.Interface().(type) {
		case shop.ID:
			value.Set(reflect.ValueOf(shop.NewID(time.Now())))
		case time.Time:
			value.Set(reflect.ValueOf(time.Now()))
		default:
			switch value.Kind() {
			case reflect.String:
				value.SetString("x")
			case reflect.Slice:
				value.Set(reflect.MakeSlice(value.Type(), 1, 1))
			default: // the brand's number
				value.SetInt(1)
			}
		}
		if seen := len(changesBetween(Tag{}, after)) > 0; seen == never[field.Name] {
			t.Errorf("%s: seen %t, never changes %t", field.Name, seen, never[field.Name])
		}
	}
}
