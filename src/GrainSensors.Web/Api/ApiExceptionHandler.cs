using System.Diagnostics;
using System.Text.Json;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Storage.Windows;
using GrainSensors.Web.Changes;
using GrainSensors.Web.Problems;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace GrainSensors.Web.Api;

/// <summary>Answers a request that ended with an exception with a problem.</summary>
internal sealed partial class ApiExceptionHandler(ILogger<ApiExceptionHandler> logger) : IExceptionHandler
{
    /// <summary>The seconds until a retry during an outage; about the time that a failover of PostgreSQL or Kafka takes.</summary>
    private const int OutageRetry = 5;

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            ApiException expected => expected,
            ChangeRefusedException refused => new(StatusOf(refused.Reason), refused.Message),
            BadHttpRequestException bad => new(bad.StatusCode, DetailOf(bad, httpContext.Request)),
            InvalidOperationException when HasUnknownCharset(httpContext.Request) =>
                new(StatusCodes.Status415UnsupportedMediaType, UnsupportedMediaType(httpContext.Request)),
            WindowStoreUnavailableException or KafkaUnavailableException => Unavailable(exception.Message),
            OrleansException or TimeoutException => Unavailable("The cluster did not answer; retry later."),
            OperationCanceledException when cancellationToken.IsCancellationRequested =>
                new(StatusCodes.Status499ClientClosedRequest, "The client closed the connection."),
            _ => Unexpected(httpContext.Request, exception),
        };
        if (PageRequest.IsForConsole(httpContext.Request))
        {
            await ErrorPageAsync(httpContext, problem);
            return true;
        }

        var extensions = problem.Items is null ? null : new Dictionary<string, object?> { ["items"] = problem.Items };
        await httpContext.WriteProblemAsync(problem.Status, problem.Message, problem.RetryAfter, extensions);
        return true;
    }

    private static Task ErrorPageAsync(HttpContext context, ApiException problem)
    {
        context.Response.Headers.CacheControl = "no-store";
        var page = new RazorComponentResult<ErrorPage>(new
        {
            Title = ReasonPhrases.GetReasonPhrase(problem.Status),
            Detail = problem.Message,
            Home = $"{context.Request.PathBase}/",
            TraceId = Activity.Current?.TraceId.ToHexString(),
        })
        {
            StatusCode = problem.Status,
        };
        return page.ExecuteAsync(context);
    }

    private static int StatusOf(ChangeRefusal reason) => reason switch
    {
        ChangeRefusal.OtherVersion => StatusCodes.Status412PreconditionFailed,
        ChangeRefusal.Unknown => StatusCodes.Status404NotFound,
        ChangeRefusal.TooMany or ChangeRefusal.RejectedAgain => StatusCodes.Status409Conflict,
        ChangeRefusal.NotDelivered => StatusCodes.Status502BadGateway,
        _ => StatusCodes.Status400BadRequest,
    };

    private static ApiException Unavailable(string detail) =>
        new(StatusCodes.Status503ServiceUnavailable, detail) { RetryAfter = OutageRetry };

    private static string DetailOf(BadHttpRequestException bad, HttpRequest request) => bad.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge =>
            "The request is larger than GrainSensors:Http:MaxRequestBytes; send a smaller one, such as fewer readings.",
        StatusCodes.Status415UnsupportedMediaType => UnsupportedMediaType(request),

        // The framework's text names types of the source.
        _ when bad.InnerException is JsonException { Path: { Length: > 1 } path } =>
            $"The body is not the expected JSON: {path} is invalid; see {ApiPaths.DocumentFor(request)}.",
        _ when bad.InnerException is JsonException => $"The body is not the expected JSON; see {ApiPaths.DocumentFor(request)}.",
        _ => bad.Message,
    };

    public static string UnsupportedMediaType(HttpRequest request) =>
        "Content-Type must be application/json; readings may have application/x-ndjson or application/jsonl, too, and changes of an entry "
        + $"application/merge-patch+json; got \"{ApiQuery.Quote(request.ContentType ?? "")}\".";

    /// <summary>The framework's reader of JSON throws then, before any endpoint is called.</summary>
    private static bool HasUnknownCharset(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type is { Charset.HasValue: true, Encoding: null };

    private ApiException Unexpected(HttpRequest request, Exception exception)
    {
        LogUnhandled(logger, request.Method, request.Path, Activity.Current?.TraceId.ToHexString(), exception);
        return new(StatusCodes.Status500InternalServerError, "Internal error; search the log of the silo for the trace_id.");
    }

    [LoggerMessage(4201, LogLevel.Error, "Unhandled exception in {Method} {Path}; trace_id {TraceId}")]
    private static partial void LogUnhandled(ILogger logger, string method, string path, string? traceId, Exception exception);
}
