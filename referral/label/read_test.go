package label_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"homestore/referral/label"
	"homestore/referral/tag"
)

const example = "https://GO.BRAND.TW/Q/7K3QXMTWBA2D9"

// lacking skips a test at home, and fails it where all must be there.
func lacking(t testing.TB, program, inPackage string) {
	t.Helper()
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed (apt-get install %s)", program, inPackage)
	}
	t.Skipf("SKIP: %s is not installed (apt-get install %s)", program, inPackage)
}

// zbar reads pictures with zbar, which shares no line with what drew them, and returns what it finds on any of them.
func zbar(t testing.TB, pictures ...[]byte) []string {
	t.Helper()
	lacking(t, "zbarimg", "zbar-tools")
	dir := t.TempDir()
	arguments := []string{"--raw", "-q", "--nodbus", "-Sdisable", "-Sqrcode.enable"}
	for i, picture := range pictures {
		file := filepath.Join(dir, strconv.Itoa(i)+".png")
		if err := os.WriteFile(file, picture, 0o600); err != nil {
			t.Fatal(err)
		}
		arguments = append(arguments, file)
	}
	out, err := exec.CommandContext(t.Context(), "zbarimg", arguments...).Output() //nolint:gosec // our own arguments
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) { // it exits with 4 when nothing is found on one of them
		t.Fatal(err)
	}
	return strings.Fields(string(out))
}

// zxing reads a picture with a port of ZXing, the second decoder; empty when it finds nothing.
func zxing(t testing.TB, picture image.Image) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	found, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		return ""
	}
	return found.GetText()
}

// isRead fails unless both decoders read the text from the PNG.
func isRead(t testing.TB, why string, drawn []byte, text string) {
	t.Helper()
	if got := zbar(t, drawn); len(got) != 1 || got[0] != text {
		t.Errorf("%s: zbar reads %q, want %q", why, got, text)
	}
	if got := zxing(t, unpack(t, drawn)); got != text {
		t.Errorf("%s: zxing reads %q, want %q", why, got, text)
	}
}

func unpack(t testing.TB, drawn []byte) image.Image {
	t.Helper()
	picture, err := png.Decode(bytes.NewReader(drawn)) // checks the CRC of each chunk
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

func pack(t testing.TB, picture image.Image) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func drawn(t testing.TB, text string, d label.Design) label.Drawing {
	t.Helper()
	drawing, err := label.Draw(text, d)
	if err != nil {
		t.Fatal(err)
	}
	return drawing
}

func drawPNG(t testing.TB, text string, d label.Design, size label.Size) []byte {
	t.Helper()
	picture, err := drawn(t, text, d).PNG(size)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

func withCorrection(c label.Correction) label.Design {
	d := label.Plain()
	d.Correction = c
	return d
}

// codeOf is one of many codes that are the same in each run: zxing misreads one upright code of some sixty, and which test that
// befalls must not be left to chance.
func codeOf(n int) tag.Code {
	const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	random := rand.New(rand.NewPCG(uint64(n), 0)) //nolint:gosec // see above
	code := make([]byte, 13)
	for i := range code {
		code[i] = letters[random.IntN(len(letters))]
	}
	return tag.Code(code)
}
