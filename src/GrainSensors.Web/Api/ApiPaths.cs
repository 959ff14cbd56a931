namespace GrainSensors.Web.Api;

internal static class ApiPaths
{
    public const string Prefix = "/api/v1";

    /// <summary>The path of the OpenAPI document.</summary>
    public const string Document = $"{Prefix}/openapi.json";
}
