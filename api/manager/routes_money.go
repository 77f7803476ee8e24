package manager

import (
	"time"

	"homestore/api/endpoint"
	"homestore/referral/whatif"
)

func (f *Face) planRoutes() []endpoint.Route {
	return []endpoint.Route{
		get("/v1/manager/plans", "listPlans", reads, endpoint.Handle(f.listPlans)),
		creates("/v1/manager/plans", "addPlan", hq, endpoint.Handle(f.addPlan)),
		creates("/v1/manager/plans/file", "draftPlanFile", hq, endpoint.Handle(f.draftPlanFile)),
		post("/v1/manager/plans/lint", "lintPlan", office, endpoint.Handle(f.lintPlan)),
		get("/v1/manager/plans/{id}/file", "downloadPlan", reads, endpoint.Handle(f.downloadPlan)),
		get("/v1/manager/plan-drafts", "listPlanDrafts", office, endpoint.Handle(f.listPlanDrafts)),
		get("/v1/manager/plan-drafts/{id}", "readPlanDraft", office, endpoint.Handle(f.readPlanDraft)),
		put("/v1/manager/plan-drafts/{id}", "replacePlanDraft", hq, endpoint.Handle(f.replacePlanDraft)),
		get("/v1/manager/plan-drafts/{id}/file", "downloadPlanDraft", office, endpoint.Handle(f.downloadPlanDraft)),
		get("/v1/manager/plan-drafts/{id}/preview", "previewPlanDraft", office, endpoint.Handle(f.previewPlanDraft)),
		post("/v1/manager/plan-drafts/{id}/approve", "approvePlan", hq, endpoint.Handle(f.approvePlan)),
		post("/v1/manager/plan-drafts/{id}/withdraw", "withdrawPlanDraft", hq, endpoint.Handle(f.withdrawPlanDraft)),
	}
}

func (f *Face) moneyRoutes() []endpoint.Route {
	return []endpoint.Route{
		within(whatif.Within+time.Minute, post("/v1/manager/what-if", "replayPlan", hq, endpoint.Stream(f.replayPlan))),
		get("/v1/manager/policy", "readPolicy", reads, endpoint.Handle(f.readPolicy)),
		get("/v1/manager/policies", "listPolicies", reads, endpoint.Handle(f.listPolicies)),
		creates("/v1/manager/policies", "setPolicy", hq, endpoint.Handle(f.setPolicy)),
		post("/v1/manager/policies/preview", "previewPolicy", hq, endpoint.Handle(f.previewPolicy)),
		get("/v1/manager/orders/held", "listHeldOrders", reads, endpoint.Handle(f.listHeldOrders)), // before {id}, which it would be
		get("/v1/manager/orders/{id}", "explainOrder", reads, endpoint.Handle(f.explainOrder)),
		get("/v1/manager/reports/commission", "reportCommission", reads, endpoint.Handle(f.reportCommission)),
		get("/v1/manager/reports/funnel", "reportFunnel", reads, endpoint.Handle(f.reportFunnel)),
		get("/v1/manager/reports/comparison", "reportComparison", reads, endpoint.Handle(f.reportComparison)),
		get("/v1/manager/reports/split", "reportSplit", office, endpoint.Handle(f.reportSplit)),
		get("/v1/manager/reports/adoption", "reportAdoption", reads, endpoint.Handle(f.reportAdoption)),
		get("/v1/manager/reports/tags", "reportTags", reads, endpoint.Handle(f.reportTags)),
	}
}

func (f *Face) targetRoutes() []endpoint.Route {
	return []endpoint.Route{
		get("/v1/manager/targets", "listTargets", reads, endpoint.Handle(f.listTargets)),
		put("/v1/manager/targets", "setTarget", reads, endpoint.Handle(f.setTarget)),
		post("/v1/manager/targets/import", "importTargets", reads, endpoint.Handle(f.importTargets)),
		get("/v1/manager/hours", "listHours", reads, endpoint.Handle(f.listHours)),
		put("/v1/manager/hours", "setHours", reads, endpoint.Handle(f.setHours)),
		post("/v1/manager/hours/import", "importHours", reads, endpoint.Handle(f.importHours)),
	}
}

func (f *Face) disputeRoutes() []endpoint.Route {
	return []endpoint.Route{
		get("/v1/manager/disputes", "listDisputes", reads, endpoint.Handle(f.listDisputes)),
		get("/v1/manager/disputes/{id}", "readDispute", reads, endpoint.Handle(f.readDispute)),
		post("/v1/manager/disputes/{id}/uphold", "upholdDispute", runs, endpoint.Handle(f.upholdDispute)),
		post("/v1/manager/disputes/{id}/refuse", "refuseDispute", runs, endpoint.Handle(f.refuseDispute)),
		post("/v1/manager/orders/held/{id}/release", "releaseHeldOrder", runs, endpoint.Handle(f.releaseHeldOrder)),
		post("/v1/manager/orders/held/{id}/refuse", "refuseHeldOrder", runs, endpoint.Handle(f.refuseHeldOrder)),
		get("/v1/manager/reports/disputes", "reportDisputes", reads, endpoint.Handle(f.reportDisputes)),
	}
}

func (f *Face) monthRoutes() []endpoint.Route {
	return []endpoint.Route{
		get("/v1/manager/periods", "listPeriods", reads, endpoint.Handle(f.listPeriods)),
		within(monthWithin, get("/v1/manager/periods/preview", "previewPeriod", office, endpoint.Handle(f.previewPeriod))),
		within(monthWithin, post("/v1/manager/periods", "closePeriod", office, endpoint.Handle(f.closePeriod))),

		get("/v1/manager/statements", "listStatements", reads, endpoint.Handle(f.listStatements)),
		get("/v1/manager/statements/{id}", "readStatement", reads, endpoint.Handle(f.readStatement)),
		get("/v1/manager/statements/{id}/lines", "listStatementLines", reads, endpoint.Handle(f.listStatementLines)),
		get("/v1/manager/statements/{id}/file", "downloadStatement", reads, endpoint.Handle(f.downloadStatement)),

		get("/v1/manager/payouts", "listPayouts", office, endpoint.Handle(f.listPayouts)),
		post("/v1/manager/payouts", "payStatements", office, endpoint.Handle(f.payStatements)),
		get("/v1/manager/payouts/csv", "downloadPayouts", office, endpoint.Handle(f.downloadPayouts)),
		post("/v1/manager/payouts/csv", "recordPayouts", office, endpoint.Handle(f.recordPayouts)),

		get("/v1/manager/adjustments", "listAdjustments", office, endpoint.Handle(f.listAdjustments)),
		creates("/v1/manager/adjustments", "askAdjustment", office, endpoint.Handle(f.askAdjustment)),
		post("/v1/manager/adjustments/{id}/approve", "approveAdjustment", office, endpoint.Handle(f.approveAdjustment)),
		post("/v1/manager/adjustments/{id}/refuse", "refuseAdjustment", office, endpoint.Handle(f.refuseAdjustment)),
	}
}
