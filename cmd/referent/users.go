package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/referent/referent"
	"github.com/referent/referent/client"
)

// usersCommand shows who has an account, and lets somebody choose a new password: on the server's own machine also when no
// administrator can sign in any more.
func (a *app) usersCommand() *cobra.Command {
	c := a.remoteCommand("users", "users.short", cobra.NoArgs, a.listUsers)
	c.Long = a.t("users.long")
	c.AddCommand(
		a.remoteCommand("list", "users.list.short", cobra.NoArgs, a.listUsers),
		a.remoteCommand("invite NAME", "users.invite.short", cobra.ExactArgs(1), func(c *cobra.Command, api *client.Client, args []string) error {
			id, err := userNamed(c, api, args[0])
			if err != nil {
				return err
			}
			u, err := api.InviteUser(c.Context(), id)
			if err != nil {
				return err
			}
			return a.say(u, "users.invite.done", "name", u.Name, "link", u.Invitation)
		}),
	)
	return c
}

func (a *app) listUsers(c *cobra.Command, api *client.Client, _ []string) error {
	all, err := api.Users(c.Context())
	if err != nil {
		return err
	}
	if a.json {
		return json.NewEncoder(a.out).Encode(all)
	}
	for _, u := range all {
		state := "users.user"
		switch {
		case u.Disabled:
			state = "users.disabled"
		case u.Admin:
			state = "users.admin"
		}
		a.printf("%s", a.t("users.row", "id", u.ID, "name", u.Name, "shown", cmp.Or(u.DisplayName, u.Name), "state", a.t(state), "seen", stamp(u.LastSignIn)))
	}
	return nil
}

// userNamed is the id of the local user who signs in with that name; an OpenID provider's people have their passwords there.
func userNamed(c *cobra.Command, api *client.Client, name string) (string, error) {
	all, err := api.Users(c.Context())
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(all, func(u client.User) bool { return u.Issuer == "" && u.Name == name })
	if i < 0 {
		return "", referent.E(referent.CodeNotFound, "referent: invite user", fmt.Errorf("no local user %q", name)).WithHint("referent users lists them")
	}
	return all[i].ID, nil
}
