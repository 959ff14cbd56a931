using System.Globalization;
using System.Text.Json;
using GrainSensors.Ingest.Kafka;
using GrainSensors.Storage.Windows;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Web.Api;

/// <summary>Makes a problem of whatever ends a request.</summary>
internal sealed partial class ApiProblems(ILogger<ApiProblems> logger) : IExceptionHandler
{
    private const int StoreRetry = 5;

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            ApiProblem p => p,
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new(
                StatusCodes.Status413PayloadTooLarge, "The request is larger than GrainSensors:Http:MaxRequestBytes allows; send fewer readings at once."),
            BadHttpRequestException e => new(e.StatusCode, WithoutDetails(e)),
            WindowStoreUnavailableException or KafkaUnavailableException => new(StatusCodes.Status503ServiceUnavailable, exception.Message) { RetryAfter = StoreRetry },
            OrleansException or TimeoutException => new(StatusCodes.Status503ServiceUnavailable, "The cluster does not answer now.") { RetryAfter = StoreRetry },
            OperationCanceledException when cancellationToken.IsCancellationRequested => new(StatusCodes.Status499ClientClosedRequest, "The client has gone."),
            _ => Defect(httpContext, exception),
        };
        if (problem.RetryAfter is { } seconds)
        {
            httpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        var extensions = problem.Items is null ? null : new Dictionary<string, object?> { ["items"] = problem.Items };
        await TypedResults.Problem(problem.Message, statusCode: problem.Status, extensions: extensions).ExecuteAsync(httpContext);
        return true;
    }

    /// <summary>What the framework says of JSON names our types, which nobody outside knows.</summary>
    private static string WithoutDetails(BadHttpRequestException e) => e.InnerException is JsonException json
        ? $"The body is not the JSON that is expected here{(json.Path is { Length: > 1 } path ? $": {path} is not right" : "")}."
        : e.Message;

    private ApiProblem Defect(HttpContext context, Exception exception)
    {
        LogDefect(logger, context.Request.Method, context.Request.Path, exception);
        return new(StatusCodes.Status500InternalServerError, "GrainSensors has a defect; the silo's log has more about it.");
    }

    [LoggerMessage(4201, LogLevel.Error, "A request has met a defect: {Method} {Path}")]
    private static partial void LogDefect(ILogger logger, string method, string path, Exception exception);
}
