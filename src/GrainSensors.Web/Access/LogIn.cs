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

/// <summary>
/// Logs people in with their access key, which a cookie then carries. Silos keep no sessions: every silo accepts the cookie until its
/// key is removed from the configuration.
/// </summary>
internal static class LogIn
{
    public const string Cookie = "grainsensors_key";
    public const string OutPath = "/logout";

    /// <summary>A key, the path of a page and the token of the form need less than 2 KiB.</summary>
    private const int MaxFormBytes = 8 * 1024;

    private static readonly TimeSpan Duration = TimeSpan.FromHours(12);

    /// <summary>A browser asks for a page, so it can be redirected to the log-in page.</summary>
    public static bool IsForPerson(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && PageRequest.AcceptsPage(request);

    public static string PathFor(HttpRequest request) =>
        $"{LogInForm.Path}?{LogInForm.ReturnField}={Uri.EscapeDataString(request.GetEncodedPathAndQuery())}";

    public static void MapLogIn(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(LogInForm.Path, (HttpContext context) =>
        {
            var target = context.Request.Query[LogInForm.ReturnField].ToString();
            return Page(context, target, isInvalid: false);
        }).AllowAnonymous().ExcludeFromDescription();
        routes.MapPost(LogInForm.Path, (Delegate)EnterAsync).AllowAnonymous().ExcludeFromDescription()
            .WithMetadata(new RequestSizeLimitAttribute(MaxFormBytes));
        routes.MapPost(OutPath, (HttpContext context) =>
        {
            context.Response.Cookies.Delete(Cookie, Options(context));
            context.Response.Redirect(LogInForm.Path);
            return Task.CompletedTask;
        }).AllowAnonymous().ExcludeFromDescription().WithMetadata(new RequestSizeLimitAttribute(MaxFormBytes));
    }

    private static async Task<IResult> EnterAsync(HttpContext context)
    {
        var rules = context.RequestServices.GetRequiredService<AccessRules>();
        var form = await ReadFormAsync(context);
        var isOwnForm = await context.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(context);
        var (key, target) = (form[LogInForm.KeyField].ToString().Trim(), form[LogInForm.ReturnField].ToString());
        if (rules.IsOpen)
        {
            return TypedResults.Redirect("/");
        }

        if (!isOwnForm || key.Length == 0 || rules.Find(key) is null)
        {
            return Page(context, target, isInvalid: isOwnForm);
        }

        var options = Options(context);
        options.MaxAge = Duration;
        context.Response.Cookies.Append(Cookie, key, options);

        return TypedResults.Redirect(LocalPath.Of(target));
    }

    /// <exception cref="BadHttpRequestException">The form is not well-formed, too large or too slow.</exception>
    private static async Task<IFormCollection> ReadFormAsync(HttpContext context)
    {
        try
        {
            return context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
        }
        catch (Exception e) when (e is InvalidDataException || (e is IOException and not BadHttpRequestException))
        {
            throw new BadHttpRequestException("The form is not well-formed.", e);
        }
    }

    private static CookieOptions Options(HttpContext context) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        IsEssential = true,
        Path = "/",
    };

    private static RazorComponentResult<LogInPage> Page(HttpContext context, string target, bool isInvalid)
    {
        var tokens = context.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(context);
        context.Response.Headers.CacheControl = "no-store";
        return new(new { Target = target, IsInvalid = isInvalid, Tokens = tokens })
        {
            StatusCode = isInvalid ? StatusCodes.Status401Unauthorized : StatusCodes.Status200OK,
        };
    }
}
