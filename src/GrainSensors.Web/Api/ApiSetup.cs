using System.Text.Json;
using System.Text.Json.Serialization;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Web.Access;
using GrainSensors.Web.Api.Description;
using GrainSensors.Web.Changes;
using GrainSensors.Web.DeadLetters;
using GrainSensors.Web.Problems;
using GrainSensors.Web.Registry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
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
        services.AddChanges();
        services.AddSingleton<DeadLetterBook>();
        services.AddSingleton<EventSource>();
        services.AddSingleton<EventStreamLimits>();
        services.AddSingleton<RequestBodies>();
        services.AddSingleton<MissedAlerts>();
        services.AddSingleton<SendScopes>();
        services.AddSingleton<ReadingIntake>();
        services.AddSingleton<SourceReaders>();
        services.AddSingleton<SourceIntake>();
        services.AddSingleton<KeyedRequests>();
        services.AddSingleton<EntryRules>();
        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            options.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower));
            options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddOpenApi("v1", options => ApiDocument.Describe(options, ApiPaths.Prefix));
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
        routes.MapOpenApi(ApiPaths.Document).WithMetadata(new Revalidated()).WithHead();
        var api = routes.MapGroup(ApiPaths.Prefix)
            .WithHead()
            .AllowOtherSites(routes.ServiceProvider.GetRequiredService<AccessRules>())
            .AddEndpointFilter(UnknownParameters.RefuseAsync)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        api.MapReadings();
        api.MapSourcePayloads();
        api.MapSensors();
        api.MapRegistry();
        api.MapMeasurements();
        api.MapWindows();
        api.MapAlerts();
        api.MapAlertIntervals();
        api.MapSilences();
        api.MapRules();
        api.MapContacts();
        api.MapRoutes();
        api.MapNotifications();
        api.MapDeadLetters();
        api.MapReports();
        api.MapEvents();
        api.MapStatus();
        api.MapSessions();
        api.MapDeviceKeys();
        api.MapAudit();
        return api;
    }

    private static string DetailOf(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"The path {PathOf(context.Request)} does not exist; see {ApiPaths.DocumentFor(context.Request)}.",
        StatusCodes.Status405MethodNotAllowed =>
            $"The path {PathOf(context.Request)} does not support {context.Request.Method}; see {ApiPaths.DocumentFor(context.Request)}.",
        StatusCodes.Status415UnsupportedMediaType => ApiExceptionHandler.UnsupportedMediaType(context.Request),
        var status => $"{ReasonPhrases.GetReasonPhrase(status)}.",
    };

    private static PathString PathOf(HttpRequest request) => request.PathBase.Add(request.Path);
}
