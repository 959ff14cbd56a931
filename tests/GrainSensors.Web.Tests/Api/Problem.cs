using System.Net;
using System.Text.Json;

namespace GrainSensors.Web.Tests.Api;

/// <summary>The one shape of errors.</summary>
internal static class Problem
{
    private static readonly string[] Members = ["type", "title", "status", "detail", "trace_id"];

    /// <returns>The detail.</returns>
    public static async Task<string> AssertAsync(HttpResponseMessage response, HttpStatusCode status) =>
        (await ReadAsync(response, status)).GetProperty("detail").GetString()!;

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode} {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.CacheControl?.NoStore);
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal(Members, problem.EnumerateObject().Select(member => member.Name).Where(name => name != "items"));
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.StartsWith("https://", problem.GetProperty("type").GetString(), StringComparison.Ordinal);
        Assert.NotEqual("", problem.GetProperty("title").GetString());
        Assert.EndsWith(".", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Matches("^[0-9a-f]{32}$", problem.GetProperty("trace_id").GetString());
        return problem;
    }
}
