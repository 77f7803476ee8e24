"use strict";

// x-roles and x-error-codes are shown beside each operation: showExtensions. Nothing is sent to a validator elsewhere.
window.addEventListener("load", () => {
  SwaggerUIBundle({
    url: "/openapi.yaml",
    dom_id: "#contract",
    deepLinking: true,
    docExpansion: "list",
    filter: true,
    showExtensions: true,
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
  });
});
