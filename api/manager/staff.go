package manager

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"homestore/api/endpoint"
	"homestore/clienteling/shop"
	"homestore/clienteling/team"
	"homestore/referral/plan"
)

type staffAnswer struct {
	ID         shop.ID   `json:"id"`
	EmployeeNo string    `json:"employee_no"`
	Name       string    `json:"name"`
	Email      string    `json:"email,omitempty"`
	BrandRole  shop.Role `json:"brand_role,omitempty"`
	HasPIN     bool      `json:"has_pin"`
	HasTOTP    bool      `json:"has_totp"`
	LeftOn     plan.Day  `json:"left_on,omitzero"`
	RevokedAt  time.Time `json:"revoked_at,omitzero"`
	CreatedAt  time.Time `json:"created_at"`
}

func answerStaff(_ context.Context, p team.Staff) staffAnswer {
	return staffAnswer{
		ID: p.ID, EmployeeNo: p.EmployeeNo, Name: p.Name, Email: p.Email, BrandRole: p.BrandRole, HasPIN: p.HasPIN, HasTOTP: p.HasTOTP,
		LeftOn: plan.Day{Time: p.LeftOn}, RevokedAt: p.RevokedAt.UTC(), CreatedAt: p.CreatedAt.UTC(),
	}
}

func (f *Face) listStaff(ctx context.Context, in endpoint.Paging) (endpoint.List[staffAnswer], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[staffAnswer]{}, err
	}
	people, next, err := f.Team.ListStaff(ctx, endpoint.Actor(ctx), page)
	return listOf(ctx, people, next, answerStaff), err
}

type addStaffRequest struct {
	EmployeeNo string    `json:"employee_no"`
	Name       string    `json:"name"`
	Email      string    `json:"email"`
	BrandRole  shop.Role `json:"brand_role"`
	PIN        string    `json:"pin"`
	Password   string    `json:"password"`
}

func (f *Face) addStaff(ctx context.Context, in addStaffRequest) (staffAnswer, error) {
	added, err := f.Team.AddStaff(ctx, endpoint.Actor(ctx), team.NewStaff{
		EmployeeNo: in.EmployeeNo, Name: in.Name, Email: in.Email, BrandRole: in.BrandRole, PIN: in.PIN, Password: in.Password,
	})
	if err != nil {
		return staffAnswer{}, err
	}
	return answerStaff(ctx, added), nil
}

type assignmentAnswer struct {
	ID    shop.ID   `json:"id"`
	Staff shop.ID   `json:"staff"`
	Store shop.ID   `json:"store"`
	Role  shop.Role `json:"role"`
	From  plan.Day  `json:"from"`
	To    plan.Day  `json:"to,omitzero"`
}

func answerAssignment(_ context.Context, a team.Assignment) assignmentAnswer {
	return assignmentAnswer{ID: a.ID, Staff: a.Staff, Store: a.Store, Role: a.Role, From: plan.Day{Time: a.From}, To: plan.Day{Time: a.To}}
}

type listAssignmentsRequest struct {
	byID
	endpoint.Paging
}

// listAssignments reads all of a person's assignments, a handful, and shows them newest first like every list.
func (f *Face) listAssignments(ctx context.Context, in listAssignmentsRequest) (endpoint.List[assignmentAnswer], error) {
	page, err := in.Page()
	if err != nil {
		return endpoint.List[assignmentAnswer]{}, err
	}
	var all []team.Assignment
	brand := endpoint.Actor(ctx).Brand
	err = f.Pool.Read(ctx, brand, func(tx pgx.Tx) error {
		if _, err := team.StaffByID(ctx, tx, brand, in.ID); err != nil {
			return err
		}
		all, err = team.AssignmentsOf(ctx, tx, brand, in.ID)
		return err
	})
	all, next := newest(page, all, func(a team.Assignment) shop.ID { return a.ID })
	return listOf(ctx, all, next, answerAssignment), err
}

type assignStaffRequest struct {
	byID
	Store shop.ID   `json:"store"`
	Role  shop.Role `json:"role"`
	From  plan.Day  `json:"from"`
	To    plan.Day  `json:"to"`
}

func (f *Face) assignStaff(ctx context.Context, in assignStaffRequest) (assignmentAnswer, error) {
	assigned, err := f.Team.Assign(ctx, endpoint.Actor(ctx), team.Assignment{
		ID: endpoint.CreationID(ctx), Staff: in.ID, Store: in.Store, Role: in.Role, From: in.From.Time, To: in.To.Time,
	})
	if err != nil {
		return assignmentAnswer{}, err
	}
	return answerAssignment(ctx, assigned), nil
}

type endAssignmentRequest struct {
	byID
	LastDay plan.Day `json:"last_day"`
}

// Validate asks for the day.
func (r *endAssignmentRequest) Validate() error {
	var c shop.Check
	c.That(!r.LastDay.IsZero(), "last_day", "day_required", "Give the last day, YYYY-MM-DD.")
	return c.Err()
}

func (f *Face) endAssignment(ctx context.Context, in endAssignmentRequest) (endpoint.None, error) {
	return endpoint.None{}, f.Team.EndAssignment(ctx, endpoint.Actor(ctx), in.ID, in.LastDay.Time)
}

type resetPINRequest struct {
	byID
	PIN string `json:"pin"`
}

func (f *Face) resetPIN(ctx context.Context, in resetPINRequest) (endpoint.None, error) {
	return endpoint.None{}, f.Team.ResetPIN(ctx, endpoint.Actor(ctx), in.ID, in.PIN)
}

func (f *Face) revokeStaff(ctx context.Context, in byID) (endpoint.None, error) {
	return endpoint.None{}, f.Team.RevokeStaff(ctx, endpoint.Actor(ctx), in.ID)
}

func (f *Face) restoreStaff(ctx context.Context, in byID) (endpoint.None, error) {
	return endpoint.None{}, f.Team.RestoreStaff(ctx, endpoint.Actor(ctx), in.ID)
}
