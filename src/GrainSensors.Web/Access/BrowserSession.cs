using GrainSensors.Hosting.Access;
using GrainSensors.Storage.Access;
using GrainSensors.Storage.Windows;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Web.Access;

/// <summary>Starts and ends the session of a browser, however the person logged in.</summary>
internal static class BrowserSession
{
    /// <exception cref="WindowStoreUnavailableException">The session cannot be stored.</exception>
    public static async Task StartAsync(HttpContext context, NewSession session)
    {
        var token = await SessionsOf(context).StartAsync(session, context.RequestAborted);
        await EndCurrentAsync(context);
        SessionCookie.Set(context, token);
        await AuditOf(context).WriteAsync(new(session.Name, session.Address), AuditActions.LogIn);
    }

    public static async Task EndAsync(HttpContext context)
    {
        if (await EndCurrentAsync(context) is { } ended)
        {
            await AuditOf(context).WriteAsync(new(ended.Name, AccessActor.AddressOf(context)), AuditActions.LogOut);
        }

        SessionCookie.Delete(context);
    }

    /// <remarks>The browser may leave before the answer; the session ends all the same.</remarks>
    private static async Task<Session?> EndCurrentAsync(HttpContext context) =>
        context.Request.Cookies[SessionCookie.NameIn(context)] is { } token && Sessions.IsToken(token)
            ? await SessionsOf(context).EndAsync(token, CancellationToken.None)
            : null;

    private static Sessions SessionsOf(HttpContext context) => context.RequestServices.GetRequiredService<Sessions>();

    private static AuditTrail AuditOf(HttpContext context) => context.RequestServices.GetRequiredService<AuditTrail>();
}
