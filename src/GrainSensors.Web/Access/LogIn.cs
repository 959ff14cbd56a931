using System.Security.Claims;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Web.Problems;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Web.Access;

/// <summary>Logs people in with their access key. The log-in starts a session that every silo of the cluster knows.</summary>
internal static class LogIn
{
    public const string OutPath = "/logout";

    /// <summary>
    /// The user of every log-in form. A form is otherwise valid only for the user of its request, so after a log-in in one tab the
    /// form in another tab would be refused.
    /// </summary>
    private static readonly ClaimsPrincipal Nobody = new(new ClaimsIdentity());

    /// <summary>A key, the path of a page and the token of the form need less than 2 KiB.</summary>
    private const int MaxFormBytes = 8 * 1024;

    /// <summary>A browser asks for a page, so it can be redirected to the log-in page.</summary>
    public static bool IsForPerson(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && PageRequest.AcceptsPage(request);

    public static string PathFor(HttpRequest request) =>
        $"{request.PathBase}{LogInForm.Path}?{LogInForm.ReturnField}={Uri.EscapeDataString(request.GetEncodedPathAndQuery())}";

    public static void MapLogIn(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(LogInForm.Path, (HttpContext context) =>
        {
            var target = context.Request.Query[LogInForm.ReturnField].ToString();
            return Page(context, target, isInvalid: false);
        }).AllowAnonymous().ExcludeFromDescription().WithHead();
        routes.MapPost(LogInForm.Path, (Delegate)EnterAsync).AllowAnonymous().ExcludeFromDescription()
            .WithMetadata(new RequestSizeLimitAttribute(MaxFormBytes));
        routes.MapProviderLogIn(routes.ServiceProvider.GetRequiredService<AccessRules>().Limits.Oidc);
        routes.MapPost(OutPath, LeaveAsync).AllowAnonymous().ExcludeFromDescription()
            .WithMetadata(new RequestSizeLimitAttribute(MaxFormBytes));
    }

    private static async Task<IResult> EnterAsync(HttpContext context)
    {
        var rules = context.RequestServices.GetRequiredService<AccessRules>();
        var form = await FormBody.ReadAsync(context);
        context.User = Nobody;
        var isOwnForm = await context.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(context);
        var (key, target) = (form[LogInForm.KeyField].ToString().Trim(), form[LogInForm.ReturnField].ToString());
        if (rules.IsOpen)
        {
            return TypedResults.Redirect($"{context.Request.PathBase}/");
        }

        var decision = isOwnForm && key.Length > 0
            ? context.RequestServices.GetRequiredService<Authenticator>().ByKey(key)
            : AccessDecision.Nothing;
        if (decision.Name is not { } name)
        {
            if (isOwnForm && key.Length > 0)
            {
                await context.RequestServices.GetRequiredService<FailedLogIns>().RecordAsync(context);
            }

            return Page(context, target, isInvalid: isOwnForm);
        }

        await BrowserSession.StartAsync(context, new(
            Guid.CreateVersion7(), name, decision.Role == AccessRole.Admin, decision.KeyHash, AccessActor.AddressOf(context)));
        return TypedResults.Redirect(LocalPath.Of(target, context.Request.PathBase));
    }

    private static async Task LeaveAsync(HttpContext context)
    {
        await BrowserSession.EndAsync(context);
        context.Response.Redirect(context.Request.PathBase.Add(LogInForm.Path));
    }

    private static RazorComponentResult<LogInPage> Page(HttpContext context, string target, bool isInvalid)
    {
        context.User = Nobody;
        var tokens = context.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(context);
        SessionCookie.DeleteKey(context);
        context.Response.Headers.CacheControl = "no-store";
        var hasProvider = context.RequestServices.GetRequiredService<AccessRules>().Limits.Oidc.Authority is not null;
        return new(new { Target = target, IsInvalid = isInvalid, Tokens = tokens, HasProvider = hasProvider })
        {
            StatusCode = isInvalid ? StatusCodes.Status401Unauthorized : StatusCodes.Status200OK,
        };
    }
}
