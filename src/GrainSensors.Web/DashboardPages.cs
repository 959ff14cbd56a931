using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Orleans.Dashboard;

namespace GrainSensors.Web;

/// <summary>The pages of Orleans' dashboard.</summary>
/// <remarks>Mapping the dashboard compresses its files, a tenth of the cost of a silo's start. The first request does it.</remarks>
internal static class DashboardPages
{
    private const string Prefix = "/dashboard";

    /// <summary>Serves the dashboard. Access control must come before it.</summary>
    public static void UseDashboard(this WebApplication app)
    {
        var pages = new Lazy<RequestDelegate>(() =>
        {
            // The routes of the silo are complete once it has started, so the dashboard has its own.
            var builder = new ApplicationBuilder(app.Services);
            builder.UseRouting();
            builder.UseEndpoints(routes => routes.MapOrleansDashboard(Prefix));
            return builder.Build();
        });
        app.MapWhen(context => context.Request.Path.StartsWithSegments(Prefix), branch => branch.Run(context => pages.Value(context)));
    }
}
