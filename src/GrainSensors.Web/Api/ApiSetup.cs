using System.Text.Json;
using System.Text.Json.Serialization;
using GrainSensors.Web.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Web.Api;

/// <summary>The HTTP API. JSON members have the names of topics and tables; every error is a problem (RFC 9457).</summary>
internal static class ApiSetup
{
    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.AddRouting();
        services.AddProblems();
        services.AddExceptionHandler<ApiExceptionHandler>();
        services.AddSingleton<EventSource>();
        services.AddSingleton<EventStreamLimits>();
        services.AddSingleton<RequestBodies>();
        services.AddSingleton<MissedAlerts>();
        services.AddSingleton<ReadingIntake>();
        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            options.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower));
            options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddOpenApi("v1", Describe);
        return services;
    }

    /// <summary>Must come before all middleware that can fail.</summary>
    public static void UseApiProblems(this IApplicationBuilder app)
    {
        app.UseExceptionHandler();

        // Routing ends requests for unknown paths, methods and media types with a status and an empty body.
        app.UseWhen(
            context => context.Request.Path.StartsWithSegments("/api"),
            api => api.UseStatusCodePages(pages =>
                pages.HttpContext.WriteProblemAsync(pages.HttpContext.Response.StatusCode, DetailOf(pages.HttpContext))));
    }

    public static RouteGroupBuilder MapApi(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi(ApiPaths.Document);
        var api = routes.MapGroup(ApiPaths.Prefix)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        api.MapReadings();
        api.MapSensors();
        api.MapWindows();
        api.MapAlerts();
        api.MapReports();
        api.MapEvents();
        api.MapStatus();
        api.MapSessions();
        api.MapAudit();
        return api;
    }

    private static void Describe(OpenApiOptions options)
    {
        options.ShouldInclude = endpoint =>
            endpoint.RelativePath is { } path && $"/{path}".StartsWith(ApiPaths.Prefix, StringComparison.Ordinal);
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "GrainSensors";
            document.Info.Version = "v1";
            document.Info.Description =
                "Accepts sensor readings and serves sensors, windows, alerts, reports and events. Times are UTC in ISO 8601.";

            // Relative to the document, as the silo does not know the address by which a proxy reaches it.
            document.Servers = [new() { Url = "/" }];
            return Task.CompletedTask;
        });
    }

    private static string DetailOf(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"The path {context.Request.Path} does not exist; see {ApiPaths.Document}.",
        StatusCodes.Status405MethodNotAllowed =>
            $"The path {context.Request.Path} does not support {context.Request.Method}; see {ApiPaths.Document}.",
        StatusCodes.Status415UnsupportedMediaType => ApiExceptionHandler.UnsupportedMediaType(context.Request),
        var status => $"{ReasonPhrases.GetReasonPhrase(status)}.",
    };
}
