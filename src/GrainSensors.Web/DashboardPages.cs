using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Orleans.Dashboard;

namespace GrainSensors.Web;

/// <summary>The pages of Orleans' dashboard.</summary>
/// <remarks>It compresses its files when it is mapped, a tenth of what a silo's start costs: so that is left to the first one who looks.</remarks>
internal static class DashboardPages
{
    private const string Prefix = "/dashboard";

    /// <summary>After access control.</summary>
    public static void UseDashboard(this WebApplication app)
    {
        var pages = new Lazy<RequestDelegate>(() =>
        {
            // Routes of its own: those of the silo are complete when it starts.
            var builder = new ApplicationBuilder(app.Services);
            builder.UseRouting();
            builder.UseEndpoints(routes => routes.MapOrleansDashboard(Prefix));
            return builder.Build();
        });
        app.MapWhen(context => context.Request.Path.StartsWithSegments(Prefix), branch => branch.Run(context => pages.Value(context)));
    }
}
