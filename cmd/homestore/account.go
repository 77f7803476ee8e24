package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"homestore/clienteling/shop"
	"homestore/clienteling/team"
)

const accountUsage = `usage: homestore account add BRAND EMPLOYEE_NO NAME EMAIL [--role hq|finance]
       homestore account reset BRAND EMAIL`

// accountOptions are what stands on the command line.
type accountOptions struct {
	act   string
	brand string
	new   team.NewStaff // of reset the address alone
}

func parseAccount(args []string) (accountOptions, error) {
	usage := errors.New(accountUsage)
	if len(args) == 0 {
		return accountOptions{}, usage
	}
	o := accountOptions{act: args[0]}
	flags := newFlags("account")
	role := "hq"
	if o.act == "add" {
		flags.StringVar(&role, "role", role, "")
	}
	names, err := parseNames(flags, args[1:])
	switch {
	case err != nil || role != "hq" && role != "finance":
		return o, usage
	case o.act == "add" && len(names) == 4:
		o.brand, o.new = names[0], team.NewStaff{EmployeeNo: names[1], Name: names[2], Email: names[3], BrandRole: shop.Role(role)}
	case o.act == "reset" && len(names) == 2:
		o.brand, o.new = names[0], team.NewStaff{Email: names[1]}
	default:
		return o, usage
	}
	return o, nil
}

// runAccount gives somebody of head office or finance an account, or a new way into hers, by the operator's hand: behind one that
// head office makes or resets there may be who made it, so nobody there can make herself a second person.
func runAccount(ctx context.Context, args []string, out io.Writer) error {
	o, err := parseAccount(args)
	if err != nil {
		return err
	}
	cfg, err := readConfig()
	if err != nil {
		return err
	}
	return withDomain(ctx, cfg, func(d *domain) error {
		brand, err := d.brandOf(ctx, o.brand)
		if err != nil {
			return err
		}
		o.new.Password = rand.Text() // 128 bits
		if o.act == "add" {
			_, err = d.teams.AddStaff(ctx, shop.System(brand), o.new)
		} else {
			err = d.resetAccount(ctx, shop.System(brand), o.new)
		}
		if err == nil {
			fmt.Fprintf(out, "%s signs in with the password %s\nIt is shown once; let her change it at POST /v1/manager/me/password\n", o.new.Email, o.new.Password)
		}
		return err
	})
}

// resetAccount gives somebody a new password and takes her authenticator app away: nobody else gets in any more.
func (d *domain) resetAccount(ctx context.Context, actor shop.Actor, n team.NewStaff) error {
	var people map[string]shop.ID
	err := d.pool.Read(ctx, actor.Brand, func(tx pgx.Tx) (err error) {
		people, err = team.StaffByEmails(ctx, tx, actor.Brand, []string{n.Email})
		return err
	})
	if err != nil {
		return err
	}
	who, isThere := people[n.Email]
	if !isThere {
		return fmt.Errorf("nobody signs in with %q; addresses are kept in small letters", n.Email)
	}
	return errors.Join(d.teams.SetPassword(ctx, actor, who, n.Password), d.teams.DropTOTP(ctx, actor, who))
}
