using Microsoft.AspNetCore.Builder;

namespace GrainSensors.Web.Api.Description;

/// <summary>The page that shows the OpenAPI document and sends requests to the API. Its files are in this process.</summary>
internal static class ApiPage
{
    private const string Prefix = "api";

    /// <summary>Must come after access control.</summary>
    /// <param name="document">The path of the OpenAPI document.</param>
    public static void UseApiPage(this IApplicationBuilder app, string document) => app.UseSwaggerUI(page =>
    {
        page.RoutePrefix = Prefix;
        page.DocumentTitle = "GrainSensors API";

        // Relative to the page, so that a proxy may serve both under a path of its own.
        page.SwaggerEndpoint(document[(Prefix.Length + 2)..], "GrainSensors");
    });
}
