using System.Security.Claims;
using System.Text.Encodings.Web;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Web.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace GrainSensors.Web.Access;

/// <summary>Authenticates requests by access key: a bearer token, <c>X-Api-Key</c>, or the cookie of the log-in page.</summary>
internal sealed class AccessHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, AccessRules rules)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public new const string Scheme = "key";

    private const string Header = "X-Api-Key";
    private const string Bearer = "Bearer ";

    /// <summary>Longer values cannot be access keys, so they are not hashed.</summary>
    private const int MaxKeyLength = 256;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (rules.IsOpen)
        {
            return Task.FromResult(AuthenticateResult.Success(Ticket("everybody", AccessRole.Admin)));
        }

        if (Presented(Request) is not { } presented)
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        return Task.FromResult(presented.Length <= MaxKeyLength && rules.Find(presented) is { } key
            ? AuthenticateResult.Success(Ticket(key.Name, key.Role))
            : AuthenticateResult.Fail("Invalid access key."));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (LogIn.IsForPerson(Request))
        {
            Response.Redirect(LogIn.PathFor(Request));
            return;
        }

        Response.Headers.WWWAuthenticate = "Bearer";
        var result = await HandleAuthenticateOnceSafeAsync();
        await Context.WriteProblemAsync(
            StatusCodes.Status401Unauthorized,
            result.Failure?.Message ?? $"An access key is required. Send it as `Authorization: Bearer KEY` or `{Header}: KEY`.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Context.WriteProblemAsync(
        StatusCodes.Status403Forbidden,
        $"The access key \"{Context.User.Identity?.Name}\" is read-only; this request requires a key with the role admin.");

    private static string? Presented(HttpRequest request)
    {
        var authorization = request.Headers[HeaderNames.Authorization].ToString();
        if (authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return authorization[Bearer.Length..].Trim();
        }

        var header = request.Headers[Header].ToString();
        return header.Length > 0 ? header : request.Cookies[LogIn.Cookie];
    }

    private static AuthenticationTicket Ticket(string name, AccessRole role)
    {
        List<Claim> claims = [new(ClaimTypes.Name, name), new(ClaimTypes.Role, AccessPolicies.ReadRole)];
        if (role == AccessRole.Admin)
        {
            claims.Add(new(ClaimTypes.Role, AccessPolicies.AdminRole));
        }

        return new(new(new ClaimsIdentity(claims, Scheme)), Scheme);
    }
}
