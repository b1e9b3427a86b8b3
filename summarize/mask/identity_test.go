package mask_test

import (
	"testing"

	"github.com/referent/referent/summarize/mask"
)

// The vectors were computed apart from this code.
func TestIdentityVectors(t *testing.T) {
	for digits, want := range map[string]mask.Identity{
		"13097248022": {Kind: mask.IdentityBirth, Valid: true},
		"15021951940": {Kind: mask.IdentityBirth, Valid: true},
		"29020075838": {Kind: mask.IdentityBirth, Valid: true},
		"53097248016": {Kind: mask.IdentityD, Valid: true},
		"70108299914": {Kind: mask.IdentityD, Valid: true},
		"13527248013": {Kind: mask.IdentityH, Valid: true},
		"10915596784": {Kind: mask.IdentityBirth, Valid: true, Synthetic: true},
		"68467038838": {Kind: mask.IdentityDH, Valid: true},
		"50846202355": {Kind: mask.IdentityD, Valid: true, Synthetic: true},
		"02013299997": {Kind: mask.IdentityBirth, Valid: true},
		"30108299920": {Kind: mask.IdentityBirth, Valid: true},
		"30108299939": {Kind: mask.IdentityBirth, Valid: true, From2032: true},
	} {
		got, ok := mask.ReadIdentity(digits)
		if !ok || got != want {
			t.Errorf("%s: %+v, %v", digits, got, ok)
		}
		// One wrong digit behind the day of birth is found, and leaves the number possible.
		for i := 6; i < 11; i++ {
			for d := byte('0'); d <= '9'; d++ {
				wrong := []byte(digits)
				if wrong[i] == d {
					continue
				}
				wrong[i] = d
				id, ok := mask.ReadIdentity(string(wrong))
				if !ok || id.Kind != want.Kind {
					t.Errorf("%s: %+v, %v", wrong, id, ok)
				}
				// By the rules from 2032 the first check digit alone no longer finds every mistake.
				if id.Valid && !id.From2032 && !want.From2032 {
					t.Errorf("%s passes", wrong)
				}
			}
		}
	}
}

func TestReadIdentityRefuses(t *testing.T) {
	for _, digits := range []string{
		"", "1309724802", "130972480222", "1309724802a", "13 09724802", "00017248022", "32017248022", "13137248022",
		"31047248022", "30027248022", "29027348022", "13337248022", "13937248022", "99999999999", "١٣٠٩٧٢٤٨٠٢٢",
		"197012345611", // a year, but no check digits can be 11
	} {
		if id, ok := mask.ReadIdentity(digits); ok {
			t.Errorf("%q: %+v", digits, id)
		}
	}
}

func TestDUF(t *testing.T) {
	// 2*4+0*6+1*3+2*2+3*4+4*6+5*3+6*2+7*7+8*5 = 167 = 15*11 + 2
	for digits, valid := range map[string]bool{"201234567802": true, "201234567803": false} {
		id, ok := mask.ReadIdentity(digits)
		if !ok || id.Kind != mask.IdentityDUF || id.Valid != valid {
			t.Errorf("%s: %+v, %v", digits, id, ok)
		}
	}
}

func TestAccountAndOrganisation(t *testing.T) {
	for digits, want := range map[string]bool{"86011117947": true, "86011117948": false, "12345678903": true, "1234567890": false, "x": false} {
		if mask.ValidAccount(digits) != want {
			t.Error(digits)
		}
	}
	for digits, want := range map[string]bool{"974760673": true, "974760674": false, "123456785": false, "9747606730": false} {
		if mask.ValidOrganisation(digits) != want {
			t.Error(digits)
		}
	}
}
