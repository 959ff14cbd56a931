using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Web.Access;

/// <summary>
/// Ends event streams and connections of pages whose session has ended or whose key was revoked. They last as long as their clients
/// want, so a check at their beginning does not suffice.
/// </summary>
internal static class AccessWatch
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Must come after authorization.</summary>
    public static IApplicationBuilder UseAccessWatch(this IApplicationBuilder app)
    {
        var authenticator = app.ApplicationServices.GetRequiredService<Authenticator>();
        var clock = app.ApplicationServices.GetRequiredService<TimeProvider>();
        return app.Use((context, next) => RequestRates.IsLongLived(context.Request)
            ? WatchAsync(context, next, authenticator, clock)
            : next(context));
    }

    private static async Task WatchAsync(HttpContext context, RequestDelegate next, Authenticator authenticator, TimeProvider clock)
    {
        using var end = new CancellationTokenSource();
        var name = context.User.Identity?.Name;
        var watch = UntilRevokedAsync();
        try
        {
            await next(context);
        }
        finally
        {
            await end.CancelAsync();
            await watch;
        }

        async Task UntilRevokedAsync()
        {
            using var timer = new PeriodicTimer(Interval, clock);
            try
            {
                while (await timer.WaitForNextTickAsync(end.Token))
                {
                    if ((await authenticator.DecideAsync(context, end.Token)).Name != name)
                    {
                        context.Abort();
                        return;
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // The request ended by itself.
            }
        }
    }
}
