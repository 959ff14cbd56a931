using System.Text.Encodings.Web;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Web.Console;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GrainSensors.Web.Access;

/// <summary>
/// The page where people enter their key, which a cookie then carries. No silo remembers who is logged in: any of them
/// knows the cookie, and it is worth nothing once its key is out of the configuration.
/// </summary>
internal static class LogIn
{
    public const string Cookie = "grainsensors_key";
    public const string Path = "/login";
    public const string OutPath = "/logout";
    private const string Key = "key";
    private const string Return = "return";
    private static readonly TimeSpan Duration = TimeSpan.FromHours(12);

    /// <summary>That of the pages, which nobody without a key is given.</summary>
    private static readonly string Icon = Uri.EscapeDataString(PageAssets.Text("icon.svg"));

    /// <summary>Somebody in front of a browser, who can be sent to the page.</summary>
    public static bool IsForPerson(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    public static string PathFor(HttpRequest request) => $"{Path}?{Return}={Uri.EscapeDataString(request.GetEncodedPathAndQuery())}";

    public static void MapLogIn(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (HttpContext context) => ShowAsync(context, context.Request.Query[Return].ToString(), wasWrong: false)).AllowAnonymous();
        routes.MapPost(Path, (Delegate)EnterAsync).AllowAnonymous();
        routes.MapPost(OutPath, (HttpContext context) =>
        {
            context.Response.Cookies.Delete(Cookie, Options(context));
            context.Response.Redirect(Path);
            return Task.CompletedTask;
        }).AllowAnonymous();
    }

    private static async Task EnterAsync(HttpContext context)
    {
        var rules = context.RequestServices.GetRequiredService<AccessRules>();
        var isOurs = await context.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(context);
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
        var (key, target) = (form[Key].ToString().Trim(), form[Return].ToString());
        if (rules.IsOpen)
        {
            context.Response.Redirect("/");
            return;
        }

        if (!isOurs || key.Length == 0 || rules.Find(key) is null)
        {
            await ShowAsync(context, target, wasWrong: isOurs);
            return;
        }

        var options = Options(context);
        options.MaxAge = Duration;
        context.Response.Cookies.Append(Cookie, key, options);

        // To a page of ours: "//elsewhere" and "/\elsewhere" are others'.
        context.Response.Redirect(target is ['/', not ('/' or '\\'), ..] ? target : "/");
    }

    private static CookieOptions Options(HttpContext context) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps || context.Request.Headers["X-Forwarded-Proto"] == "https",
        IsEssential = true,
        Path = "/",
    };

    private static Task ShowAsync(HttpContext context, string target, bool wasWrong)
    {
        var tokens = context.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(context);
        context.Response.StatusCode = wasWrong ? StatusCodes.Status401Unauthorized : StatusCodes.Status200OK;
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        var html = HtmlEncoder.Default;
        return context.Response.WriteAsync(
            $$"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <title>Log in · GrainSensors</title>
              <link rel="icon" href="data:image/svg+xml,{{Icon}}">
              <style>
                :root { color-scheme: light dark; font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
                body { margin: 0; background: light-dark(#f4f6f8, #0e1318); color: light-dark(#17212b, #e6edf3); }
                main { max-width: 23rem; margin: 14vh auto 0; padding: 0 1rem; }
                h1 { display: flex; align-items: center; gap: .7rem; font-size: 1.35rem; letter-spacing: -.02em; margin: 0 0 1.1rem; }
                h1 img { width: 34px; height: 34px; }
                form { background: light-dark(#fff, #161d24); border: 1px solid light-dark(#dde3e9, #2a3540); border-radius: 12px; padding: 1.3rem; box-shadow: 0 1px 2px rgb(16 24 32 / .06), 0 4px 14px rgb(16 24 32 / .05); }
                label { font-weight: 550; }
                input, button { font: inherit; width: 100%; box-sizing: border-box; padding: .55rem .7rem; margin-top: .4rem; border-radius: 8px; }
                input { color: inherit; background: light-dark(#f4f6f8, #0e1318); border: 1px solid light-dark(#8494a3, #5d6f80); }
                button { margin-top: 1rem; border: 0; cursor: pointer; font-weight: 600; background: light-dark(#0f766e, #2dd4bf); color: light-dark(#fff, #06231f); }
                :focus-visible { outline: 2px solid light-dark(#0f766e, #2dd4bf); outline-offset: 2px; }
                [role=alert] { background: light-dark(#fde7e5, #43171a); color: light-dark(#b3261e, #ff8a80); padding: .6rem .9rem; border-radius: 9px; }
                form p { margin: .9rem 0 0; font-size: .87rem; color: light-dark(#54626f, #9fb0bf); }
              </style>
            </head>
            <body>
              <main>
                <h1><img src="data:image/svg+xml,{{Icon}}" alt="">GrainSensors</h1>
                {{(wasWrong ? """<p role="alert">This is no key that the silo knows.</p>""" : "")}}
                <form method="post" action="{{Path}}">
                  <label for="key">Key</label>
                  <input id="key" name="{{Key}}" type="password" autocomplete="current-password" required autofocus>
                  <input type="hidden" name="{{Return}}" value="{{html.Encode(target)}}">
                  <input type="hidden" name="{{html.Encode(tokens.FormFieldName)}}" value="{{html.Encode(tokens.RequestToken ?? "")}}">
                  <button type="submit">Log in</button>
                  <p>Whoever runs the silos has one for you; <code>grainsensors key</code> makes them.</p>
                </form>
              </main>
            </body>
            </html>
            """,
            context.RequestAborted);
    }
}
