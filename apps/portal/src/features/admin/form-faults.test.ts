import { ApiError, ConnectionError } from '@spinbay/client';
import { Email, type ErrorCode, errorTable, PersonName } from '@spinbay/contracts';
import { describe, expect, it } from 'vitest';
import { adminTexts } from '../../ui/admin-texts.ts';
import { formFaults, textFault } from './form-faults.ts';

const fields = ['name', 'email', 'role', 'site_ids'] as const;

function refusal(code: ErrorCode, errors?: { path: string; message: string }[]): ApiError {
  const { status, title } = errorTable[code];
  return new ApiError({ type: 'about:blank', code, status, title, ...(errors && { errors }) }, null);
}

describe('formFaults', () => {
  it('finds no faults without a refusal', () => {
    expect(formFaults(null, fields)).toEqual({ fields: {}, form: null });
  });

  it.each([
    ['email_taken', 'email'],
    ['last_admin', 'role'],
    ['site_name_taken', 'name'],
    ['site_not_found', 'site_ids'],
  ] as const)('shows %s beside the field', (code, field) => {
    expect(formFaults(refusal(code), fields)).toEqual({ fields: { [field]: adminTexts.faults[code] }, form: null });
  });

  it('shows a fault in the form if it has no such field', () => {
    expect(formFaults(refusal('last_admin'), ['name']).form).toContain('last administrator');
  });

  it('shows the server’s faults beside their fields if the form has all of them', () => {
    const tooLong = { path: 'body.name', message: 'too long' };
    expect(formFaults(refusal('validation_failed', [tooLong]), fields)).toEqual({
      fields: { name: 'too long' },
      form: null,
    });
    const both = formFaults(refusal('validation_failed', [tooLong, { path: 'body.other', message: 'odd' }]), fields);
    expect(both.fields).toEqual({});
    expect(both.form).toContain('odd');
  });

  it('has a text for a server that does not answer', () => {
    expect(formFaults(new ConnectionError('no'), fields).form).toMatch(/does not answer/);
  });
});

it('validates a text before it is sent', () => {
  expect(textFault('  ', PersonName, 'odd')).toBe(adminTexts.faults.required);
  expect(textFault('Ada', PersonName, 'odd')).toBeNull();
  expect(textFault('A\u0000da', PersonName, 'odd')).toBe('odd');
  expect(textFault('ada@dealer', Email, 'odd')).toBe('odd');
  expect(textFault(' Ada@Dealer.example ', Email, 'odd')).toBeNull();
});
