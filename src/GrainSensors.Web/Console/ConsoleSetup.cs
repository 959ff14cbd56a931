using GrainSensors.Web.Access;
using GrainSensors.Web.Assets;
using GrainSensors.Web.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Web.Console;

/// <summary>The pages of the console. Each open page is rendered on the server and updated through a connection of its own.</summary>
internal static class ConsoleSetup
{
    public static IServiceCollection AddConsole(this IServiceCollection services)
    {
        services.AddSingleton<FirstReading>();
        services.AddRazorComponents().AddInteractiveServerComponents();
        return services;
    }

    /// <summary>A browser receives a page with a 404, other clients only the status.</summary>
    public static void UseNotFoundPage(this IApplicationBuilder app) => app.UseWhen(
        context => HttpMethods.IsGet(context.Request.Method) && PageRequest.IsForConsole(context.Request),
        pages => pages.UseStatusCodePagesWithReExecute("/not-found"));

    public static void MapConsole(this IEndpointRouteBuilder routes)
    {
        routes.MapPageAssets();
        routes.MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null)
            .WithHead();
    }
}
