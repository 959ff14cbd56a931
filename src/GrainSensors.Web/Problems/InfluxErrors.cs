using Microsoft.AspNetCore.Http;

namespace GrainSensors.Web.Problems;

/// <summary>The members by which clients of InfluxDB know an error: <c>code</c> and <c>message</c>; <c>error</c> in version 1.</summary>
/// <remarks>https://docs.influxdata.com/influxdb/v2/api-guide/api_intro/</remarks>
internal static class InfluxErrors
{
    /// <summary>The path of version 2.</summary>
    public const string WritePath = "/api/v2/write";

    /// <summary>The path of version 1.</summary>
    public const string WritePathOfVersion1 = "/write";

    public static void AddTo(IDictionary<string, object?> members, HttpRequest request, int status, string? detail)
    {
        if (request.Path.StartsWithSegments(WritePath))
        {
            (members["code"], members["message"]) = (CodeOf(status), detail);
        }
        else if (request.Path.StartsWithSegments(WritePathOfVersion1))
        {
            members["error"] = detail;
        }
    }

    private static string CodeOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => "unauthorized",
        StatusCodes.Status403Forbidden => "forbidden",
        StatusCodes.Status404NotFound => "not found",
        StatusCodes.Status405MethodNotAllowed => "method not allowed",
        StatusCodes.Status409Conflict => "conflict",
        StatusCodes.Status413PayloadTooLarge => "request too large",
        StatusCodes.Status415UnsupportedMediaType => "unsupported media type",
        StatusCodes.Status429TooManyRequests => "too many requests",
        StatusCodes.Status503ServiceUnavailable => "unavailable",
        >= StatusCodes.Status500InternalServerError => "internal error",
        _ => "invalid",
    };
}
