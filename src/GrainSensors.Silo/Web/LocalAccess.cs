using System.Net;
using GrainSensors.Silo.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace GrainSensors.Silo.Web;

/// <summary>Without a log-in, only this machine sees more than the health of a silo.</summary>
internal static class LocalAccess
{
    public static bool IsLocal(HttpContext context) => context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address);

    public static IApplicationBuilder UseLocalAccess(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (IsLocal(context) || context.Request.Path.StartsWithSegments(HealthPages.Prefix))
        {
            await next(context);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        await context.Response.WriteAsync("Only the machine of the silo may see this; set GrainSensors:Http:Insecure to let everybody.", context.RequestAborted);
    });
}
