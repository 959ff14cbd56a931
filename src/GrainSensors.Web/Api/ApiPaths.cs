using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Api;

internal static class ApiPaths
{
    public const string Prefix = "/api/v1";

    /// <summary>The path of the OpenAPI document.</summary>
    public const string Document = $"{Prefix}/openapi.json";

    /// <returns>The path of the document, as clients of the proxy see it.</returns>
    public static string DocumentFor(HttpRequest request) => request.PathBase.Add(Document);
}
