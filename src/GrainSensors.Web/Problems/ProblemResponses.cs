using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Problems;

/// <summary>Ends a request with a problem.</summary>
internal static class ProblemResponses
{
    /// <param name="detail">What is wrong and what to do; without secrets.</param>
    /// <param name="retryAfter">Seconds after which a retry can succeed; null: the header <c>Retry-After</c> is left out.</param>
    /// <param name="extensions">Further members of the problem.</param>
    public static Task WriteProblemAsync(
        this HttpContext context,
        int status,
        string detail,
        int? retryAfter = null,
        IReadOnlyDictionary<string, object?>? extensions = null)
    {
        if (retryAfter is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        return TypedResults.Problem(detail, statusCode: status, type: TypeOf(status), extensions: extensions).ExecuteAsync(context);
    }

    /// <summary>ASP.NET Core names the section of RFC 9110 for the other statuses; 429 is defined elsewhere.</summary>
    private static string? TypeOf(int status) =>
        status == StatusCodes.Status429TooManyRequests ? "https://tools.ietf.org/html/rfc6585#section-4" : null;
}
