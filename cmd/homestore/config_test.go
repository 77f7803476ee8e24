package main

import (
	"os"
	"reflect"
	"regexp"
	"testing"
)

var exampleLine = regexp.MustCompile(`(?m)^# \S.*\n([A-Z_]+)=(\S*)$`) // no comment behind it: some readers take it for a part of the value

func TestEverySettingIsInTheExampleWithItsDefault(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(top + "/.env.example")
	if err != nil {
		t.Fatal(err)
	}
	example := map[string]string{}
	for _, m := range exampleLine.FindAllStringSubmatch(string(text), -1) {
		example[m[1]] = m[2]
	}
	settings := reflect.TypeFor[Config]()
	for i := range settings.NumField() {
		name, fallback := settings.Field(i).Tag.Get("env"), settings.Field(i).Tag.Get("envDefault")
		if shown, ok := example[name]; !ok || shown != fallback {
			t.Errorf(".env.example says %s=%q (there: %t), the program %q", name, shown, ok, fallback)
		}
		delete(example, name)
	}
	if len(example) > 0 {
		t.Errorf("nobody reads %v", example)
	}
}

func TestASettingThatCannotBeIsRefusedByItsName(t *testing.T) { // not parallel: it changes the environment
	for name, value := range map[string]string{
		"HOMESTORE_PRIVATE_ADDR": "8082", "OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318", "HOMESTORE_CONNECTIONS": "3",
		"HOMESTORE_PUBLIC_URL": "http://go.example.tw",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, value)
			if _, err := readConfig(); err == nil || !regexp.MustCompile(name).MatchString(err.Error()) {
				t.Errorf("%s=%s: %v", name, value, err)
			}
		})
	}
}
