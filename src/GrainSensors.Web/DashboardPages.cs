using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Orleans.Dashboard;

namespace GrainSensors.Web;

/// <summary>The pages of the Orleans dashboard.</summary>
/// <remarks>
/// The dashboard compresses its files when it is mapped, which takes a tenth of the start of a silo. It is mapped by its first request.
/// </remarks>
internal static class DashboardPages
{
    private const string Prefix = "/dashboard";

    /// <summary>Must come after access control.</summary>
    public static void UseDashboard(this WebApplication app)
    {
        var pages = new Lazy<RequestDelegate>(() =>
        {
            // The routes of the silo are complete when it starts, so the dashboard has routes of its own.
            var builder = new ApplicationBuilder(app.Services);
            builder.UseRouting();
            builder.UseEndpoints(routes => routes.MapOrleansDashboard(Prefix));
            return builder.Build();
        });
        app.MapWhen(context => context.Request.Path.StartsWithSegments(Prefix), branch => branch.Run(context => pages.Value(context)));
    }
}
