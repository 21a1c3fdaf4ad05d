/**
 * The part of React Native that the screens use, for react-native-web, which has no types. The native app has the types of
 * React Native and does not include this file.
 */
declare module 'react-native' {
  import type { Component, ComponentType, ReactNode, Ref } from 'react';

  export type ViewStyle = { readonly [property: string]: unknown };
  export type ImageStyle = ViewStyle;
  export type StyleProp<T> = T | false | null | undefined | readonly StyleProp<T>[];

  interface Accessible {
    readonly role?: string;
    readonly id?: string;
    readonly testID?: string;
    readonly 'aria-label'?: string;
    readonly 'aria-labelledby'?: string;
    readonly 'aria-hidden'?: boolean;
    readonly 'aria-live'?: 'polite' | 'assertive' | 'off';
    readonly 'aria-checked'?: boolean;
    readonly 'aria-selected'?: boolean;
    readonly 'aria-expanded'?: boolean;
    readonly 'aria-disabled'?: boolean;
    readonly 'aria-busy'?: boolean;
    readonly 'aria-modal'?: boolean;
    readonly 'aria-level'?: number;
    readonly 'aria-valuenow'?: number;
    readonly 'aria-valuemin'?: number;
    readonly 'aria-valuemax'?: number;
    readonly 'aria-valuetext'?: string;
  }
  interface Base extends Accessible {
    readonly style?: StyleProp<ViewStyle>;
    readonly children?: ReactNode;
    readonly pointerEvents?: 'none' | 'auto' | 'box-none' | 'box-only';
  }
  export interface PressEvent {
    readonly nativeEvent: object;
  }

  export const View: ComponentType<Base>;
  export const Text: ComponentType<Base & { readonly numberOfLines?: number }>;
  export class ScrollView extends Component<
    Base & {
      readonly contentContainerStyle?: StyleProp<ViewStyle>;
      readonly horizontal?: boolean;
      readonly tabIndex?: 0 | -1;
      readonly keyboardShouldPersistTaps?: 'handled';
      readonly showsHorizontalScrollIndicator?: boolean;
    }
  > {
    scrollTo(to: { x?: number; y?: number }): void;
  }
  export const Pressable: ComponentType<
    Omit<Base, 'style'> & {
      readonly style?: StyleProp<ViewStyle> | ((state: { pressed: boolean }) => StyleProp<ViewStyle>);
      readonly onPress?: (event: PressEvent) => void;
      readonly onLayout?: (event: { readonly nativeEvent: { readonly layout: { x: number; y: number } } }) => void;
      readonly disabled?: boolean;
      readonly tabIndex?: 0 | -1;
    }
  >;
  export const Modal: ComponentType<
    Base & {
      readonly visible: boolean;
      readonly animationType: 'none';
      readonly onRequestClose: () => void;
    }
  >;
  export const TextInput: ComponentType<
    Base & {
      readonly ref?: Ref<{ focus(): void }>;
      readonly value?: string;
      readonly placeholder?: string;
      readonly placeholderTextColor?: string;
      readonly autoCapitalize?: 'none' | 'characters';
      readonly autoCorrect?: boolean;
      readonly autoComplete?: string;
      readonly inputMode?: 'text' | 'numeric';
      readonly enterKeyHint?: 'done' | 'go' | 'next';
      readonly maxLength?: number;
      readonly onChangeText?: (text: string) => void;
      readonly onSubmitEditing?: () => void;
    }
  >;
  export const Image: ComponentType<
    Base & {
      readonly source: { readonly uri: string };
      readonly resizeMode?: 'cover' | 'contain';
      readonly alt?: string;
    }
  >;
  export const ActivityIndicator: ComponentType<Base & { readonly color?: string; readonly size?: 'small' | 'large' }>;
  export const StyleSheet: {
    create<T extends Record<string, ViewStyle>>(styles: T): T;
    readonly absoluteFill: ViewStyle;
  };
  export function useWindowDimensions(): { readonly width: number; readonly height: number };
  export function useColorScheme(): 'light' | 'dark' | null;
}
