using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace GrainSensors.Web.Problems;

/// <summary>
/// Writes every error as <c>application/problem+json</c> (RFC 9457) with <c>type</c>, <c>title</c>, <c>status</c>, <c>detail</c>
/// and <c>trace_id</c>, regardless of what the request accepts: a client that wants CSV or events can still read an error.
/// </summary>
internal sealed class ProblemJsonWriter(IOptions<JsonOptions> json) : IProblemDetailsWriter
{
    private const string TraceId = "trace_id";
    private const string ContentType = "application/problem+json";

    /// <summary>Quotation marks stay readable. JSON is never interpreted as HTML, as answers have <c>nosniff</c>.</summary>
    private readonly JsonSerializerOptions _options =
        new(json.Value.SerializerOptions) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public bool CanWrite(ProblemDetailsContext context) => true;

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var (http, problem) = (context.HttpContext, context.ProblemDetails);

        // The id by which the log and the traces of the silo name the request. ASP.NET Core starts an activity while anything logs.
        if (Activity.Current is { } activity)
        {
            problem.Extensions[TraceId] = activity.TraceId.ToHexString();
        }

        InfluxErrors.AddTo(problem.Extensions, http.Request, http.Response.StatusCode, problem.Detail);
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.WriteAsJsonAsync(problem, problem.GetType(), _options, ContentType, http.RequestAborted);
    }
}
