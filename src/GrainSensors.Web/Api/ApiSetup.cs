using System.Text.Json;
using System.Text.Json.Serialization;
using GrainSensors.Web.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Web.Api;

/// <summary>The API for scripts. Names in JSON are those of topics and tables; every error is a problem (RFC 9457).</summary>
internal static class ApiSetup
{
    public const string Prefix = "/api/v1";

    /// <summary>Where the OpenAPI document is.</summary>
    public const string Document = $"{Prefix}/openapi.json";

    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.AddRouting();
        services.AddProblemDetails();
        services.AddExceptionHandler<ApiProblems>();
        services.AddSingleton<EventSource>();
        services.AddSingleton<ReadingIntake>();
        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            options.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower));
            options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddOpenApi("v1", options =>
        {
            options.ShouldInclude = endpoint => endpoint.RelativePath is { } path && $"/{path}".StartsWith(Prefix, StringComparison.Ordinal);
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info.Title = "GrainSensors";
                document.Info.Version = "v1";
                document.Info.Description = "Readings in; sensors, windows, alerts and events out. Times are UTC, ISO 8601.";

                // Whoever asked for the document knows where it came from; the name that a proxy was asked by need not be known here.
                document.Servers = [new() { Url = "/" }];
                return Task.CompletedTask;
            });
        });
        return services;
    }

    /// <summary>Before everything that may fail.</summary>
    public static void UseApiProblems(this IApplicationBuilder app)
    {
        app.UseExceptionHandler();

        // Of what is not there, or not by this method, nobody has said anything yet.
        app.UseWhen(
            context => context.Request.Path.StartsWithSegments("/api"),
            api => api.UseStatusCodePages(context => ProblemWriter.WriteAsync(context.HttpContext, context.HttpContext.Response.StatusCode, Explain(context.HttpContext))));
    }

    public static RouteGroupBuilder MapApi(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi(Document);
        var api = routes.MapGroup(Prefix).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        api.MapReadings();
        api.MapSensors();
        api.MapWindows();
        api.MapAlerts();
        api.MapReports();
        api.MapEvents();
        api.MapStatus();
        return api;
    }

    private static string Explain(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"There is nothing at {context.Request.Path}; {Document} tells what there is.",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Path} does not take {context.Request.Method}; {Document} tells what it takes.",
        StatusCodes.Status415UnsupportedMediaType => "Send JSON, with the header Content-Type: application/json.",
        var status => ReasonPhrases.GetReasonPhrase(status),
    };
}
